import { z } from 'zod';
import { categoryCode, currency, id, instant, minor } from './fields';
import { defineEvent, TOPICS } from './define';

export const feeWaiverOffered = defineEvent({
  type: 'fee-waiver.offered',
  version: 1,
  topic: TOPICS.rewards,
  key: 'campaignId',
  describe: 'A fee-waiver campaign, as an offer that accounts alone spends: its whole present state.',
  data: z.object({
    campaignId: id,
    /** Grows with every change: an older state never replaces a newer one. */
    version: z.int().positive(),
    currency,
    budget: minor,
    /** From activation; a payment qualifies by its occurredAt within the active times. */
    activeTimes: z.array(z.object({ from: instant, to: instant.nullable() })),
    startsAt: instant.nullable(),
    endsAt: instant.nullable(),
    minimumAmount: minor.nullable(),
    merchantIds: z.array(id).nullable(),
    merchantCategoryCodes: z.array(categoryCode).nullable(),
    firstPaymentOnly: z.boolean(),
    maximumRewardsPerUser: z.int().positive().nullable(),
    maximumPerPayment: minor.nullable(),
    occurredAt: instant,
  }),
});

export const benefitGranted = defineEvent({
  type: 'benefit.granted',
  version: 1,
  topic: TOPICS.rewards,
  key: 'orderKey',
  describe: 'Rewards asks accounts to pay a person, once a grant. A fee rebate is paid only within cap and budget of its offer.',
  data: z.object({
    grantId: id,
    kind: z.enum(['CASHBACK', 'REFERRAL_REWARD', 'FEE_REBATE']),
    campaignId: id,
    personId: id,
    /** The wallet to pay into; null: the person's wallet in the currency, opened where there is none. */
    walletId: id.nullable(),
    /** walletId, or personId where it is null: a grant and its reversals keep their order. */
    orderKey: id,
    currency,
    amount: minor,
    sourceTransactionId: id,
    occurredAt: instant,
  }),
});

export const benefitReversed = defineEvent({
  type: 'benefit.reversed',
  version: 1,
  topic: TOPICS.rewards,
  key: 'orderKey',
  describe: 'Rewards asks accounts to take a grant back, whole or in part, once a reversal, whether or not the grant has arrived.',
  data: z.object({
    reversalId: id,
    grantId: id,
    campaignId: id,
    personId: id,
    orderKey: id,
    currency,
    amount: minor,
    /** The refund that causes it; where it is no refund, the payment itself. */
    refundTransactionId: id,
    sourceTransactionId: id,
    /** LINK: of a referral whose two people were found to share a card or a bank account. */
    cause: z.enum(['REFUND', 'LINK']).default('REFUND'),
    occurredAt: instant,
  }),
});

export const referralChanged = defineEvent({
  type: 'referral.changed',
  version: 1,
  topic: TOPICS.rewards,
  key: 'referrerId',
  describe: 'An invited friend joined, qualified, was rewarded or was rejected.',
  data: z.object({
    referrerId: id, friendId: id, status: z.enum(['JOINED', 'QUALIFIED', 'REWARDED', 'REJECTED']), occurredAt: instant,
  }),
});

export const campaignChanged = defineEvent({
  type: 'campaign.changed',
  version: 1,
  topic: TOPICS.rewards,
  key: 'campaignId',
  describe: 'A campaign began to act, or was paused or ended: what a personalised offer may point at.',
  data: z.object({
    campaignId: id,
    version: z.int().positive(),
    status: z.enum(['ACTIVE', 'PAUSED', 'ENDED']),
    effect: z.enum(['CASHBACK', 'FEE_WAIVER', 'REFERRAL_REWARD']),
    currency,
    rateBasisPoints: z.int().nullable(),
    merchantIds: z.array(id).nullable(),
    merchantCategoryCodes: z.array(categoryCode).nullable(),
    startsAt: instant.nullable(),
    endsAt: instant.nullable(),
    occurredAt: instant,
  }),
});
