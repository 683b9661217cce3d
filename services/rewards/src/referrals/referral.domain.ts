export const REFERRAL_STATUSES = ['JOINED', 'QUALIFIED', 'REWARDED', 'REJECTED'] as const;
export type ReferralStatus = (typeof REFERRAL_STATUSES)[number];

/** How the payer of a payment came: NONE where nobody invited the person. */
export type ReferralStanding = ReferralStatus | 'NONE';

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
