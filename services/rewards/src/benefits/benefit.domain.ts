import { clamp, proportionOf } from '@tael/money';

export const BENEFIT_KINDS = ['CASHBACK', 'FEE_WAIVER', 'FEE_REBATE', 'REFERRAL_REWARD'] as const;
/** A fee rebate is a fee waiver that came after the payment. */
export type BenefitKind = (typeof BENEFIT_KINDS)[number];

export const BENEFIT_STATUSES = ['PENDING', 'PAID', 'REFUSED'] as const;
export type BenefitStatus = (typeof BENEFIT_STATUSES)[number];

/** Whose reward it is: the payer's, or one side's of a referral. */
export const BENEFIT_SIDES = ['PAYER', 'REFERRER', 'FRIEND'] as const;
export type BenefitSide = (typeof BENEFIT_SIDES)[number];

export interface GrantedBenefit {
  readonly kind: BenefitKind;
  readonly amount: bigint;
  /** What has been asked back so far. */
  readonly reversed: bigint;
}

/**
 * Gives what is still to be taken back when `refunded` of a payment of `paid` has been given back: cashback in proportion,
 * exact at the whole and the same whatever the number and order of the refunds; referral rewards only at the whole; of a
 * fee nothing, since the fee stays.
 */
export function takeBack(benefit: GrantedBenefit, refunded: bigint, paid: bigint): bigint {
  if (benefit.kind === 'FEE_WAIVER' || benefit.kind === 'FEE_REBATE') return 0n;
  const isWhole = refunded >= paid;
  const partial = benefit.kind === 'CASHBACK' ? proportionOf(benefit.amount, clamp(refunded, 0n, paid), paid) : 0n;
  const due = isWhole ? benefit.amount : partial;
  return due > benefit.reversed ? due - benefit.reversed : 0n;
}

/** Gives what is still to be taken back where two people are linked: of a referral reward all, of what else the payment earned nothing. */
export function takeBackForLink(benefit: GrantedBenefit): bigint {
  return benefit.kind === 'REFERRAL_REWARD' ? benefit.amount - benefit.reversed : 0n;
}

/** Gives the status that people see: REVERSED when accounts has confirmed that the whole was taken back. */
export function shownStatus(benefit: { status: BenefitStatus; amount: bigint; takenBack: bigint }): 'PENDING' | 'PAID' | 'REVERSED' {
  if (benefit.takenBack >= benefit.amount) return 'REVERSED';
  return benefit.status === 'PAID' ? 'PAID' : 'PENDING';
}
