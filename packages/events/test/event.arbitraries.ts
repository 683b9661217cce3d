import { allCurrencies } from '@tael/money';
import fc from 'fast-check';
import type { EventData, EventType } from '../src/catalogue';

const id = fc.uuid();
const currency = fc.constantFrom(...allCurrencies());
const amount = fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n });
const instant = fc.date({
  min: new Date('1970-01-01'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});
const day = instant.map((date) => date.toISOString().slice(0, 10));
const text = fc.string({ unit: 'grapheme' });
const category = fc.stringMatching(/^[0-9]{4}$/);
const last4 = fc.stringMatching(/^[0-9]{4}$/);
const sealed = fc.stringMatching(/^v1\.[a-z0-9-]{1,8}\.[A-Za-z0-9_-]{16}\.[A-Za-z0-9_-]{1,40}$/);
const bankFailure = fc.constantFrom('BANK_REFUSED', 'ACCOUNT_CLOSED', 'CANCELLED', 'RETURNED');
const positive = fc.integer({ min: 1, max: 1_000_000 });
const basisPoints = fc.integer({ min: 0, max: 10_000 });
const orNull = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: null });
const ids = fc.array(id, { maxLength: 4 });

const movement = {
  transactionId: id,
  personId: id,
  walletId: id,
  currency,
  amount,
  balanceAfter: amount,
  occurredAt: instant,
};
const payout = { payoutId: id, merchantId: id, currency, amount, last4, occurredAt: instant };
const grant = {
  grantId: id,
  campaignId: id,
  personId: id,
  currency,
  amount,
  sourceTransactionId: id,
  occurredAt: instant,
};

const dispute = {
  disputeId: id, transactionId: id, personId: id, walletId: id, merchantId: id, currency, amount, merchantPeople: ids, occurredAt: instant,
};

/** Data of every event, as a service may send it: a new event without a line here does not compile. */
export const EVENT_ARBITRARIES: { [Type in EventType]: fc.Arbitrary<EventData<Type>> } = {
  'person.registered': fc.record({
    personId: id,
    locale: text,
    timeZone: text,
    referralCode: text,
    referredBy: orNull(id),
    channel: orNull(text),
    contact: sealed,
    occurredAt: instant,
  }),
  'person.contact-resealed': fc.record({ personId: id, contact: sealed, occurredAt: instant }),
  'wallet.opened': fc.record({ personId: id, walletId: id, currency, occurredAt: instant }),
  'wallet.frozen': fc.record({ personId: id, walletId: id, freezeId: id, currency, occurredAt: instant }),
  'wallet.unfrozen': fc.record({ personId: id, walletId: id, freezeId: id, currency, occurredAt: instant }),
  'card.added': fc.record({ personId: id, paymentMethodId: id, brand: text, last4, occurredAt: instant }),
  'bank-account.added': fc.record({ personId: id, paymentMethodId: id, bankName: text, last4, occurredAt: instant }),
  'people.linked': fc.record({
    personId: id, otherId: id, by: fc.constantFrom('CARD', 'BANK_ACCOUNT', 'DEVICE'), occurredAt: instant,
  }),
  'payout-account.changed': fc.record({
    personId: id, merchantId: id, payoutAccountId: id, changedBy: id, bankName: text, last4, usableFrom: instant, formerOwner: fc.boolean(), occurredAt: instant,
  }),
  'payouts.resumed': fc.record({
    personId: id, merchantId: id, payoutAccountId: id, payoutId: id, resumedBy: id, last4, occurredAt: instant,
  }),
  'merchant-debt.written-off': fc.record({ personId: id, merchantId: id, transactionId: id, currency, amount, left: amount, occurredAt: instant }),
  'session.reuse-detected': fc.record({ personId: id, familyId: id, occurredAt: instant }),
  'device.added': fc.record({ personId: id, sessionId: id, browser: text, platform: text, occurredAt: instant }),
  'consent.given': fc.record({
    personId: id, consentId: id, partnerId: id, scopes: fc.array(text), walletIds: ids, expiresAt: instant, occurredAt: instant,
  }),
  'consent.ended': fc.record({
    personId: id, consentId: id, partnerId: id, subject: fc.option(fc.string({ minLength: 1 })), onRequest: fc.boolean(), bankLeft: fc.boolean(), occurredAt: instant,
  }),
  'consent.withdrawn': fc.record({
    personId: id, consentId: id, partnerId: id, subject: fc.option(fc.string({ minLength: 1 })),
    reason: fc.constantFrom('PERSON', 'CODE_REUSED'), occurredAt: instant,
  }),
  'sessions.ended': fc.record({
    personId: id,
    changeId: id,
    reason: fc.constantFrom('SIGNED_OUT', 'ENDED_BY_OWNER'),
    count: positive,
    occurredAt: instant,
  }),
  'sessions.ended-by-operator': fc.record({ personId: id, changeId: id, count: positive, occurredAt: instant }),
  'password.reset-requested': fc.record({ personId: id, resetId: id, code: sealed, expiresAt: instant, occurredAt: instant }),
  'password.changed': fc.record({ personId: id, changeId: id, occurredAt: instant }),
  'second-factor.changed': fc.record({
    personId: id,
    changeId: id,
    change: fc.constantFrom('ENABLED', 'DISABLED', 'RECOVERY_CODES_RENEWED', 'RECOVERY_CODE_USED'),
    occurredAt: instant,
  }),
  'second-factor.removal-requested': fc.record({ personId: id, requestId: id, code: sealed, expiresAt: instant, occurredAt: instant }),
  'second-factor.removal-begun': fc.record({ personId: id, changeId: id, removesAt: instant, occurredAt: instant }),
  'second-factor.removal-stopped': fc.record({ personId: id, changeId: id, occurredAt: instant }),
  'settlement.closed': fc.record({
    settlementId: id, merchantId: id, currency, number: positive, businessDay: day, gross: amount, refunds: amount, adjustments: amount, fees: amount,
    reserveHeld: amount, reserveReleased: amount, net: amount, paymentCount: positive, refundCount: positive, occurredAt: instant,
  }),
  'payout.settled': fc.record(payout),
  'payout.failed': fc.record({ ...payout, reason: fc.constantFrom('BANK_REFUSED', 'ACCOUNT_CLOSED', 'CANCELLED') }),
  'payout.returned': fc.record(payout),
  'payment.settled': fc.record({
    ...movement,
    merchantId: id,
    merchantCategoryCode: category,
    fee: amount,
    feeBeforeWaiver: amount,
    waiverCampaignId: orNull(id),
    waived: amount,
    ordinal: positive,
  }),
  'payment.refunded': fc.record({
    ...movement,
    paymentId: id,
    merchantId: id,
    paymentAmount: amount,
    refundedTotal: amount,
    refundOrdinal: positive,
  }),
  'dispute.opened': fc.record({
    ...dispute,
    reason: fc.constantFrom('NOT_RECEIVED', 'NOT_AS_DESCRIBED', 'PAID_TWICE', 'WRONG_AMOUNT', 'NOT_RECOGNISED', 'REFUND_NOT_RECEIVED', 'OTHER'),
    respondBy: instant,
  }),
  'dispute.answered': fc.record({ ...dispute, answer: fc.constantFrom('ACCEPTED', 'CONTESTED') }),
  'dispute.decided': fc.record({
    ...dispute,
    outcome: fc.constantFrom('PERSON', 'MERCHANT', 'WITHDRAWN'),
    by: fc.constantFrom('PERSON', 'MERCHANT', 'OPERATOR', 'DEADLINE'),
    refundId: orNull(id),
    refunded: amount,
  }),
  'dispute.document-added': fc.record({ ...dispute, documentId: id, side: fc.constantFrom('PERSON', 'MERCHANT') }),
  'transfer.settled': fc.record({ ...movement, counterpartyId: id }),
  'transfer.received': fc.record({ ...movement, counterpartyId: id }),
  'topup.settled': fc.record({ ...movement, paymentMethodId: id, last4, method: fc.constantFrom('CARD', 'BANK_ACCOUNT') }),
  'topup.failed': fc.record({
    transactionId: id,
    personId: id,
    walletId: id,
    currency,
    amount,
    paymentMethodId: id,
    last4,
    reason: fc.constantFrom('CARD_DECLINED', 'PROCESSOR_ERROR'),
    occurredAt: instant,
  }),
  'bank-topup.failed': fc.record({ ...movement, paymentMethodId: id, last4, reason: bankFailure, owed: amount }),
  'card-topup.returned': fc.record({ ...movement, paymentMethodId: id, last4, reason: fc.constantFrom('DISPUTED', 'REFUNDED'), owed: amount }),
  'withdrawal.settled': fc.record({ ...movement, fee: amount, paymentMethodId: id, last4 }),
  'withdrawal.failed': fc.record({ ...movement, fee: amount, paymentMethodId: id, last4, reason: bankFailure }),
  'debt.collected': fc.record({ ...movement, topUpId: id, left: amount }),
  'debt.written-off': fc.record({ transactionId: id, personId: id, walletId: id, currency, amount, topUpId: id, left: amount, occurredAt: instant }),
  'wallet.adjusted': fc.record({ ...movement, direction: fc.constantFrom('CREDIT', 'DEBIT') }),
  'reward.posted': fc.record({
    ...movement,
    grantId: id,
    campaignId: id,
    kind: fc.constantFrom('CASHBACK', 'REFERRAL_REWARD', 'FEE_REBATE'),
    credited: amount,
    sourceTransactionId: id,
  }),
  'reward.refused': fc.record({
    grantId: id,
    campaignId: id,
    personId: id,
    reason: fc.constantFrom('ALREADY_WAIVED', 'LIMIT_REACHED', 'BUDGET_EXHAUSTED', 'UNKNOWN_PAYMENT'),
    occurredAt: instant,
  }),
  'reward.reversed': fc.record({
    ...movement,
    reversalId: id,
    grantId: id,
    campaignId: id,
    owed: amount,
    sourceTransactionId: id,
  }),
  'history-import.ended': fc.record({
    partnerId: id,
    importId: id,
    status: fc.constantFrom('DONE', 'REFUSED'),
    currency,
    lineCount: fc.nat(),
    problemCount: fc.nat(),
    occurredAt: instant,
  }),
  'merchant.status-changed': fc.record({
    merchantId: id, version: fc.integer({ min: 1 }), status: fc.constantFrom('ACTIVE', 'SUSPENDED'), people: ids, occurredAt: instant,
  }),
  'merchant-application.decided': fc.record({
    applicationId: id, applicantId: id, outcome: fc.constantFrom('APPROVED', 'REJECTED', 'NEEDS_MORE'), occurredAt: instant,
  }),
  'partner.key-expiring': fc.record({ partnerId: id, clientId: id, kid: text, expiresAt: instant, days: positive, occurredAt: instant }),
  'partner.changed': fc.record({
    partnerId: id,
    version: positive,
    name: sealed,
    status: fc.constantFrom('ACTIVE', 'SUSPENDED'),
    environment: fc.constantFrom('SANDBOX', 'PRODUCTION'),
    rate: fc.record({ perSecond: positive, burst: positive, costMax: positive }, { requiredKeys: ['perSecond', 'burst'] }),
    clients: fc.array(
      fc.record({
        clientId: id,
        status: fc.constantFrom('ACTIVE', 'REVOKED'),
        authentication: fc.constantFrom('private_key_jwt', 'self_signed_tls_client_auth'),
        scopes: fc.array(text, { maxLength: 4 }),
        keys: fc.array(fc.record({ kid: text, kty: text, alg: text }), { maxLength: 3 }),
        tokensRefusedUntil: orNull(instant),
        redirectUris: fc.array(text, { maxLength: 2 }),
      }),
      { maxLength: 3 },
    ),
    occurredAt: instant,
  }),
  'merchant.changed': fc.record({
    merchantId: id,
    version: positive,
    name: sealed,
    categoryCode: category,
    currency,
    status: fc.constantFrom('PENDING', 'ACTIVE', 'SUSPENDED'),
    people: ids,
    roles: fc.array(fc.record({ personId: id, role: fc.constantFrom('OWNER', 'MANAGER', 'CASHIER') }), { maxLength: 3 }),
    feePlan: fc.record({ id: text, basisPoints }),
    verified: fc.boolean(),
    occurredAt: instant,
  }),
  'merchant.people-changed': fc.record({
    changeId: id, merchantId: id, personId: id, roleBefore: orNull(fc.constantFrom('OWNER', 'MANAGER', 'CASHIER')),
    role: orNull(fc.constantFrom('OWNER', 'MANAGER', 'CASHIER')), changedBy: id, told: ids, occurredAt: instant,
  }),
  'payment-code.created': fc.record({ codeId: id, merchantId: id, storeId: id, currency, amount, expiresAt: instant, occurredAt: instant }),
  'fee-waiver.offered': fc.record({
    campaignId: id,
    version: positive,
    currency,
    budget: amount,
    activeTimes: fc.array(fc.record({ from: instant, to: orNull(instant) }), { maxLength: 3 }),
    startsAt: orNull(instant),
    endsAt: orNull(instant),
    minimumAmount: orNull(amount),
    merchantIds: orNull(ids),
    merchantCategoryCodes: orNull(fc.array(category, { maxLength: 3 })),
    firstPaymentOnly: fc.boolean(),
    maximumRewardsPerUser: orNull(positive),
    maximumPerPayment: orNull(amount),
    occurredAt: instant,
  }),
  'benefit.granted': fc.record({
    ...grant,
    kind: fc.constantFrom('CASHBACK', 'REFERRAL_REWARD', 'FEE_REBATE'),
    walletId: orNull(id),
    orderKey: id,
  }),
  'benefit.reversed': fc.record({
    ...grant, reversalId: id, orderKey: id, refundTransactionId: id, cause: fc.constantFrom('REFUND', 'LINK'),
  }),
  'referral.changed': fc.record({
    referrerId: id,
    friendId: id,
    status: fc.constantFrom('JOINED', 'QUALIFIED', 'REWARDED', 'REJECTED'),
    occurredAt: instant,
  }),
  'campaign.changed': fc.record({
    campaignId: id,
    version: positive,
    status: fc.constantFrom('ACTIVE', 'PAUSED', 'ENDED'),
    effect: fc.constantFrom('CASHBACK', 'FEE_WAIVER', 'REFERRAL_REWARD'),
    currency,
    rateBasisPoints: orNull(basisPoints),
    merchantIds: orNull(ids),
    merchantCategoryCodes: orNull(fc.array(category, { maxLength: 3 })),
    startsAt: orNull(instant),
    endsAt: orNull(instant),
    occurredAt: instant,
  }),
  'notification.delivered': fc.record({
    notificationId: id,
    personId: id,
    topic: text,
    channel: fc.constantFrom('IN_APP', 'PUSH', 'EMAIL', 'SMS'),
    outcome: fc.constantFrom('HANDED_OFF', 'SKIPPED', 'FAILED', 'UNKNOWN'),
    occurredAt: instant,
  }),
};
