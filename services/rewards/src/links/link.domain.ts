export const LINK_KINDS = ['CARD', 'BANK_ACCOUNT', 'DEVICE'] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

/** Two people who share something, and since when that is known. Which of the two is which says nothing. */
export interface Link {
  readonly lowId: string;
  readonly highId: string;
  readonly at: Date;
}

/**
 * So far apart two people may stand and count as one. Whoever adds something that many have is linked to those who had it
 * first, so that any two who share it are two links apart at most. One link more would lead to people who share nothing
 * with each other: the family of somebody's family.
 */
export const LINKS_APART_MAX = 2;

const DAY_MS = 86_400_000;

/** So long after the payment that qualified a friend a link still takes the rewards back. */
export const LATE_LINK_MS = 90 * DAY_MS;

/** Gives a pair in the order in which it is kept. */
export function pairOf(one: string, other: string): { lowId: string; highId: string } {
  return one < other ? { lowId: one, highId: other } : { lowId: other, highId: one };
}

/** Gives since when who was reached before and who is linked to one of them are reached. */
function oneFurther(reached: ReadonlyMap<string, number>, links: readonly Link[]): Map<string, number> {
  const further = new Map(reached);
  for (const { lowId, highId, at } of links) {
    for (const [near, far] of [[lowId, highId], [highId, lowId]] as const) {
      const since = Math.max(reached.get(near) ?? Number.POSITIVE_INFINITY, at.getTime());
      further.set(far, Math.min(since, further.get(far) ?? Number.POSITIVE_INFINITY));
    }
  }
  return further;
}

/** Gives since when two people are linked: of each way between them its last link counts, and of all ways the first. */
export function linkedSince(links: readonly Link[], from: string, to: string): Date | null {
  let reached = new Map<string, number>([[from, Number.NEGATIVE_INFINITY]]);
  for (let apart = 0; apart < LINKS_APART_MAX; apart++) reached = oneFurther(reached, links);
  const since = reached.get(to) ?? Number.POSITIVE_INFINITY;
  return Number.isFinite(since) ? new Date(since) : null;
}

/** Says whether a link comes too late to take back what a payment earned: people who met since then earned it apart. */
export function isTooLate(linkedAt: Date, paidAt: Date): boolean {
  return linkedAt.getTime() - paidAt.getTime() > LATE_LINK_MS;
}
