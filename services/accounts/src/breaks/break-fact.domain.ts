import { type ComparedLine, differenceOf, keyOf } from '../reconciliations/reconciliation.domain';
import type { BreakClass } from './break.domain';

/** What a break is one of: the bank's booking or, where it has none, our order. */
export const aboutOf = ({ bookingId, ...side }: { readonly bookingId: string | null | undefined; readonly reference: string; readonly kind: 'BOOKED' | 'RETURNED' }): string =>
  (bookingId ? `bank/${bookingId}` : `order/${keyOf(side)}`);

/** What bank and books say by now of what a break is about: by how much they differ, or what explains it. */
export type BreakFact = { readonly about: string } & (
  | { readonly explainedBy: string }
  | { readonly explainedBy: null; readonly class: BreakClass; readonly reason: string | null; readonly difference: bigint }
);

/**
 * Reads of compared lines what they say of every break there may be. Where the bank has booked what we expect, nothing of ours is missing:
 * what does not fit of it is a break of that booking. A booking of an order that is under way says nothing yet.
 */
export function factsOf(lines: readonly ComparedLine[]): BreakFact[] {
  return lines.flatMap((line): BreakFact[] => {
    const { bank, own, class: found, reason } = line;
    const facts: BreakFact[] = [];
    if (bank && own) facts.push({ about: aboutOf({ ...own, bookingId: null }), explainedBy: bank.bookingId });
    const about = bank ? aboutOf(bank) : aboutOf({ ...own!, bookingId: null });
    if (found === 'MATCHED') facts.push({ about, explainedBy: own!.reference });
    else if (found !== 'IN_TRANSIT') facts.push({ about, explainedBy: null, class: found, reason, difference: differenceOf(line) });
    return facts;
  });
}

/** Decides what a fact makes of an open break: it is explained, it is another by now, or it is as it was. */
export function followed(found: { readonly class: BreakClass; readonly difference: bigint }, fact: BreakFact): 'EXPLAINED' | 'CHANGED' | 'SAME' {
  if (fact.explainedBy !== null) return 'EXPLAINED';
  return fact.class === found.class && fact.difference === found.difference ? 'SAME' : 'CHANGED';
}
