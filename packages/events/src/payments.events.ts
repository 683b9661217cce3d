import { z } from 'zod';
import { categoryCode, currency, id, instant, minor } from './fields';
import { defineEvent, TOPICS } from './define';

const movement = {
  transactionId: id,
  personId: id,
  walletId: id,
  currency,
  amount: minor,
  /** The wallet's posted balance right after. */
  balanceAfter: minor,
  occurredAt: instant,
};

export const paymentSettled = defineEvent({
  type: 'payment.settled',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'A person paid a merchant. Self-contained: what campaigns and messages need stands in it.',
  data: z.object({
    ...movement,
    merchantId: id,
    merchantCategoryCode: categoryCode,
    /** What was charged on top, after a waiver. */
    fee: minor,
    feeBeforeWaiver: minor,
    /** The fee-waiver campaign that accounts spent, and how much of the fee it took; both null without one. */
    waiverCampaignId: id.nullable(),
    waived: minor,
    /** 1 for the person's first PAYMENT ever. */
    ordinal: z.int().positive(),
  }),
});

export const paymentRefunded = defineEvent({
  type: 'payment.refunded',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'Part or all of a payment was given back to the payer. transactionId is the refund.',
  data: z.object({
    ...movement,
    paymentId: id,
    merchantId: id,
    paymentAmount: minor,
    /** All refunds of the payment so far, this one included: enough to take back in proportion in any order. */
    refundedTotal: minor,
    /** 1 for the payment's first refund, and so on. */
    refundOrdinal: z.int().positive(),
  }),
});

export const transferSettled = defineEvent({
  type: 'transfer.settled',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'Money went from walletId to another person. One event of two: the recipient has transfer.received.',
  data: z.object({ ...movement, counterpartyId: id }),
});

export const transferReceived = defineEvent({
  type: 'transfer.received',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'Money arrived in walletId from another person.',
  data: z.object({ ...movement, counterpartyId: id }),
});

export const topUpSettled = defineEvent({
  type: 'topup.settled',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'A charged payment method credited the wallet: a card, or a bank account that was pulled from.',
  data: z.object({
    ...movement, paymentMethodId: id, last4: z.string().length(4), method: z.enum(['CARD', 'BANK_ACCOUNT']).default('CARD'),
  }),
});

export const topUpFailed = defineEvent({
  type: 'topup.failed',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'A charge was declined: the wallet is as it was.',
  data: z.object({
    transactionId: id, personId: id, walletId: id, currency, amount: minor, paymentMethodId: id,
    last4: z.string().length(4), reason: z.enum(['CARD_DECLINED', 'PROCESSOR_ERROR']), occurredAt: instant,
  }),
});

const bankFailure = z.enum(['BANK_REFUSED', 'ACCOUNT_CLOSED', 'CANCELLED', 'RETURNED']);

export const bankTopUpFailed = defineEvent({
  type: 'bank-topup.failed',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe:
    'A top-up from a bank account failed: the wallet is as it was; or, RETURNED, it came after topup.settled and was taken back, ' +
    'of which `owed` was not in the wallet any more.',
  data: z.object({ ...movement, paymentMethodId: id, last4: z.string().length(4), reason: bankFailure, owed: minor }),
});

export const debtCollected = defineEvent({
  type: 'debt.collected',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe:
    'Of what a person owes for a top-up that came back (bank-topup.failed, RETURNED, or card-topup.returned), `amount` was taken from what had come into the wallet. ' +
    'transactionId is the collection.',
  data: z.object({
    ...movement,
    topUpId: id,
    /** What they still owe of this top-up. */
    left: minor,
  }),
});

export const debtWrittenOff = defineEvent({
  type: 'debt.written-off',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'Two operators wrote off what a person owes for a top-up that came back, or a part of it: the wallet is as it was.',
  data: z.object({ transactionId: id, personId: id, walletId: id, currency, amount: minor, topUpId: id, left: minor, occurredAt: instant }),
});

export const cardTopUpReturned = defineEvent({
  type: 'card-topup.returned',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe:
    'A top-up from a card went back to it after topup.settled: its holder disputed the charge, or the processor gave it back. ' +
    '`owed` of it was not in the wallet any more.',
  data: z.object({ ...movement, paymentMethodId: id, last4: z.string().length(4), reason: z.enum(['DISPUTED', 'REFUNDED']), owed: minor }),
});

export const withdrawalSettled = defineEvent({
  type: 'withdrawal.settled',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'The bank has paid a withdrawal out. The money had left the wallet when it was asked for.',
  data: z.object({ ...movement, fee: minor, paymentMethodId: id, last4: z.string().length(4) }),
});

export const withdrawalFailed = defineEvent({
  type: 'withdrawal.failed',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'A withdrawal failed or, RETURNED, came back after withdrawal.settled: amount and fee are in the wallet again.',
  data: z.object({ ...movement, fee: minor, paymentMethodId: id, last4: z.string().length(4), reason: bankFailure }),
});

export const walletAdjusted = defineEvent({
  type: 'wallet.adjusted',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'Money was put into a wallet, or taken out of it, by hand: one operator asked for it and another approved.',
  data: z.object({ ...movement, direction: z.enum(['CREDIT', 'DEBIT']) }),
});

export const rewardPosted = defineEvent({
  type: 'reward.posted',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'A grant of rewards stands in the wallet: cashback, referral reward or fee rebate. Once a grant.',
  data: z.object({
    ...movement,
    grantId: id,
    campaignId: id,
    kind: z.enum(['CASHBACK', 'REFERRAL_REWARD', 'FEE_REBATE']),
    /** What the wallet got: the grant less what was kept for earlier debts of taken-back rewards. */
    credited: minor,
    /** The payment that it is for. */
    sourceTransactionId: id,
  }),
});

export const rewardRefused = defineEvent({
  type: 'reward.refused',
  version: 1,
  topic: TOPICS.payments,
  key: 'grantId',
  describe: 'Accounts will not post a grant (a fee rebate over its cap or budget, or nothing left to rebate).',
  data: z.object({ grantId: id, campaignId: id, personId: id, reason: z.enum(['ALREADY_WAIVED', 'LIMIT_REACHED', 'BUDGET_EXHAUSTED', 'UNKNOWN_PAYMENT']), occurredAt: instant }),
});

export const rewardReversed = defineEvent({
  type: 'reward.reversed',
  version: 1,
  topic: TOPICS.payments,
  key: 'walletId',
  describe: 'A grant was taken back, whole or in part. `amount` left the wallet, `owed` waits for later rewards.',
  data: z.object({ ...movement, reversalId: id, grantId: id, campaignId: id, owed: minor, sourceTransactionId: id }),
});

export const settlementClosed = defineEvent({
  type: 'settlement.closed',
  version: 1,
  topic: TOPICS.payments,
  key: 'merchantId',
  describe:
    'A batch of what came to a merchant was closed. gross - refunds + adjustments - fees - reserveHeld + reserveReleased = net; a net ' +
    'below zero is carried into the next.',
  data: z.object({
    settlementId: id,
    merchantId: id,
    currency,
    /** 1 for the merchant's first of the currency, and so on without a gap. */
    number: z.int().positive(),
    businessDay: z.iso.date(),
    gross: minor,
    refunds: minor,
    adjustments: minor,
    fees: minor,
    reserveHeld: minor,
    reserveReleased: minor,
    net: minor,
    paymentCount: z.int().nonnegative(),
    refundCount: z.int().nonnegative(),
    occurredAt: instant,
  }),
});

const payout = {
  payoutId: id,
  merchantId: id,
  currency,
  amount: minor,
  last4: z.string().length(4),
  occurredAt: instant,
};

export const payoutSettled = defineEvent({
  type: 'payout.settled',
  version: 1,
  topic: TOPICS.payments,
  key: 'merchantId',
  describe: 'The bank has paid a merchant.',
  data: z.object(payout),
});

export const payoutFailed = defineEvent({
  type: 'payout.failed',
  version: 1,
  topic: TOPICS.payments,
  key: 'merchantId',
  describe: 'A payout to a merchant was not carried out: the money is payable again, and waits until somebody acts.',
  data: z.object({ ...payout, reason: z.enum(['BANK_REFUSED', 'ACCOUNT_CLOSED', 'CANCELLED']) }),
});

export const payoutReturned = defineEvent({
  type: 'payout.returned',
  version: 1,
  topic: TOPICS.payments,
  key: 'merchantId',
  describe: 'A payout that was settled came back: the money is payable again, and waits until somebody acts.',
  data: z.object(payout),
});
