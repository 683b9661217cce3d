/** Why money of a card went back: its holder disputed the charge, or the processor gave it back by itself. */
export type ChargeBackReason = 'DISPUTED' | 'REFUNDED';

/** What is booked against CARD_CLEARING: out of the wallet, or as what its person owes. */
export interface ChargeBackPosting {
  readonly kind: 'TOP_UP_RETURN' | 'CARD_RECEIVABLE';
  readonly debit: 'WALLET' | 'CARD_RECEIVABLE';
  readonly amount: bigint;
}

/** Divides what went back: as far as it is in the wallet it is taken from there, and the rest is what the person owes. A wallet is never below zero. */
export function chargeBackPostings(amount: bigint, available: bigint): readonly ChargeBackPosting[] {
  const there = available > 0n ? available : 0n;
  const taken = there < amount ? there : amount;
  const postings: readonly ChargeBackPosting[] = [
    { kind: 'TOP_UP_RETURN', debit: 'WALLET', amount: taken }, { kind: 'CARD_RECEIVABLE', debit: 'CARD_RECEIVABLE', amount: amount - taken },
  ];
  return postings.filter((posting) => posting.amount > 0n);
}

/** Gives what the person owes of it. */
export const owedOf = (postings: readonly ChargeBackPosting[]): bigint => postings.find(({ kind }) => kind === 'CARD_RECEIVABLE')?.amount ?? 0n;
