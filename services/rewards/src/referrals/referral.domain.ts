import { isTooLate } from '../links/link.domain';

export const REFERRAL_STATUSES = ['JOINED', 'QUALIFIED', 'REWARDED', 'REJECTED'] as const;
export type ReferralStatus = (typeof REFERRAL_STATUSES)[number];

/** How the payer of a payment came: NONE where nobody invited the person, LINKED where it was somebody with the same card. */
export type ReferralStanding = ReferralStatus | 'NONE' | 'LINKED';

/** A referral as far as it says whether a payment may qualify it. */
export interface ReferralFacts {
  readonly status: ReferralStatus | 'NONE';
  /** Since when the two are linked; null also where that is not why the referral is refused. */
  readonly linkedAt: Date | null;
  /** Whether a payment has qualified it before. */
  readonly isQualified: boolean;
}

/**
 * Gives how a referral stands towards a payment. One that is refused because of a link stands open to a payment of long
 * before the link: heard of in the order in which they happened, it would have been paid, and kept.
 */
export function standingAt({ status, linkedAt, isQualified }: ReferralFacts, paidAt: Date): ReferralStanding {
  if (status !== 'REJECTED' || linkedAt === null) return status;
  return !isQualified && isTooLate(linkedAt, paidAt) ? 'JOINED' : 'LINKED';
}

/** What a link does to a referral: it is refused; its rewards are asked back; or nothing, since it is refused, or paid for too long. */
export function onLink({ status, linkedAt }: ReferralFacts, link: { since: Date; paidAt: Date | null }): 'REFUSE' | 'TAKE_BACK' | 'NOTE' | 'LEAVE' {
  if (linkedAt !== null && linkedAt <= link.since) return 'LEAVE';
  switch (status) {
    case 'JOINED':
      return 'REFUSE';
    case 'QUALIFIED':
    case 'REWARDED':
      return link.paidAt !== null && !isTooLate(link.since, link.paidAt) ? 'TAKE_BACK' : 'NOTE';
    default:
      return linkedAt === null ? 'LEAVE' : 'NOTE';
  }
}

/** One side's reward of a referral. */
export interface ReferralReward {
  readonly status: 'PENDING' | 'PAID' | 'REFUSED';
  readonly amount: bigint;
  /** What was asked back. */
  readonly reversed: bigint;
}

/** Gives the status of a qualified referral from its two rewards: one that is refused or wholly taken back counts for nothing. */
export function referralStatus(rewards: readonly ReferralReward[]): ReferralStatus {
  const standing = rewards.filter((reward) => reward.status !== 'REFUSED' && reward.reversed < reward.amount);
  if (standing.length === 0) return 'REJECTED';
  return standing.every((reward) => reward.status === 'PAID') ? 'REWARDED' : 'QUALIFIED';
}

/** Gives the first word of a display name: what a friend's name is shown as. */
export function givenName(displayName: string): string {
  return displayName.trim().split(/\s+/u)[0] ?? '';
}
