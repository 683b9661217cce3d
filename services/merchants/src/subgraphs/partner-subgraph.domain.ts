/**
 * REFUSED: the check found problems. PUBLISHED: waits for an operator. LIVE: in the graph. REJECTED: an operator said no. REPLACED: a
 * newer one took its place. SUSPENDED: an operator took it out. WITHDRAWN: the bank took it back.
 */
export type SubgraphStatus = 'REFUSED' | 'PUBLISHED' | 'LIVE' | 'REJECTED' | 'REPLACED' | 'SUSPENDED' | 'WITHDRAWN';

/** What somebody does about a publication. */
export type SubgraphStep = 'APPROVE' | 'REJECT' | 'SUSPEND' | 'WITHDRAW';

const STEPS: Readonly<Record<SubgraphStep, { readonly from: readonly SubgraphStatus[]; readonly to: SubgraphStatus }>> = {
  // What was suspended comes back the way it came: checked again, by an operator.
  APPROVE: { from: ['PUBLISHED', 'SUSPENDED'], to: 'LIVE' },
  REJECT: { from: ['PUBLISHED'], to: 'REJECTED' },
  SUSPEND: { from: ['LIVE'], to: 'SUSPENDED' },
  WITHDRAW: { from: ['PUBLISHED', 'LIVE', 'SUSPENDED'], to: 'WITHDRAWN' },
};

/** Gives the status after a step; `UNCHANGED` where it is that already, `NOT_ALLOWED` where the step has no place. */
export function decideStep(status: SubgraphStatus, step: SubgraphStep): SubgraphStatus | 'UNCHANGED' | 'NOT_ALLOWED' {
  const { from, to } = STEPS[step];
  if (status === to) return 'UNCHANGED';
  return from.includes(status) ? to : 'NOT_ALLOWED';
}

/** What is known of a slug that was in the graph once. */
export interface TakenSlug {
  readonly partnerId: string;
  readonly slug: string;
}

/**
 * Says whether a bank may have a slug: names that clients have asked for stay with the bank that had them, and a bank has one. A
 * slug that begins like another bank's would make names that look like its.
 */
export function maySlug(wanted: TakenSlug, taken: readonly TakenSlug[]): boolean {
  return taken.every(({ partnerId, slug }) =>
    partnerId === wanted.partnerId ? slug === wanted.slug : !slug.startsWith(wanted.slug) && !wanted.slug.startsWith(slug),
  );
}

/** So many publications a bank has within a day. */
export const PUBLICATIONS_A_DAY = 50;
