/** What two people can share, as far as accounts can tell. */
export type LinkKind = 'CARD' | 'BANK_ACCOUNT';

/** A payment method of somebody else that is the very same card or bank account. */
export interface SameMethod {
  readonly id: string;
  readonly personId: string;
  readonly status: 'ACTIVE' | 'PENDING_VERIFICATION';
}

/**
 * With so many is somebody linked who adds what others have: those who had it first. Of a card that a thousand people add
 * that is three thousand links, and not half a million; and since all of them are linked to the very first, any two are two
 * links apart. Three, and not one: the first may be somebody whom an operator takes out of a ring one day.
 */
export const LINKS_MAX = 3;

/**
 * So many accounts of one number that nobody has proved yet are kept in mind until one of them is. It is more than are
 * linked: whoever adds a number without proving it must not stand before those who will.
 */
export const UNPROVED_MAX = 20;

/** Says whether there is nothing more to look for. */
export function isEnough(found: readonly SameMethod[], kind: LinkKind): boolean {
  const of = (status: SameMethod['status']): number => found.filter((method) => method.status === status).length;
  return of('ACTIVE') >= LINKS_MAX && (kind === 'CARD' || of('PENDING_VERIFICATION') >= UNPROVED_MAX);
}

/**
 * Gives the pairs of a person and others, each in one order whoever came first, and all of them in one: two who write the
 * same pairs at once wait, and never for each other.
 */
export function pairsOf(personId: string, others: readonly string[]): { lowId: string; highId: string }[] {
  const pairs = [...new Set(others)].filter((other) => other !== personId)
    .map((other) => (personId < other ? { lowId: personId, highId: other } : { lowId: other, highId: personId }));
  return pairs.sort((a, b) => (a.lowId + a.highId < b.lowId + b.highId ? -1 : 1));
}
