import { TEMPLATES } from '../templates/template.catalogue';
import { writeMessage } from '../templates/render';
import {
  applicationNotice,
  bankAccountAlarm,
  payoutAccountAlarm,
  payoutsResumedAlarm,
  bankTopUpNotice,
  cardAlarm,
  deviceAlarm,
  type MessageDraft,
  consentAlarm,
  consentEndedAlarm,
  consentEndedByOperatorAlarm,
  paymentReceipt,
  refundNotice,
  reuseAlarm,
  rewardNotice,
  rewardReversalNotice,
  secondFactorAlarm,
  sessionsEndedAlarm,
  topUpNotice,
  newsUntil,
  transferNotice,
  walletWelcome,
  adjustmentNotice,
  withdrawalNotice,
} from './message.domain';

const occurredAt = new Date('2026-11-22T12:00:00Z');
const movement = { transactionId: 't1', personId: 'p1', currency: 'USD', amount: 1_000n, occurredAt };
const reward = { ...movement, grantId: 'g1', credited: 25n };

const drafts: [string, MessageDraft | null, string][] = [
  [
    'a payment',
    paymentReceipt({ ...movement, merchantId: 'm1', fee: 10n, waived: 0n }),
    'You paid $10.00 to Cafe. Fee: $0.10.',
  ],
  [
    'a waived fee',
    paymentReceipt({ ...movement, merchantId: 'm1', fee: 0n, waived: 10n }),
    'You paid $10.00 to Cafe. The fee of $0.10 was waived.',
  ],
  [
    'half a waived fee',
    paymentReceipt({ ...movement, merchantId: 'm1', fee: 4n, waived: 6n }),
    'You paid $10.00 to Cafe. Fee: $0.04; $0.06 was waived.',
  ],
  ['no fee', paymentReceipt({ ...movement, merchantId: 'm1', fee: 0n, waived: 0n }), 'You paid $10.00 to Cafe.'],
  ['a refund', refundNotice({ ...movement, merchantId: 'm1' }), 'Cafe gave you $10.00 back. It is in your wallet.'],
  ['a transfer out', transferNotice('sent', { ...movement, counterpartyId: 'p2' }), 'You sent $10.00 to Bo.'],
  [
    'a transfer in',
    transferNotice('received', { ...movement, counterpartyId: 'p2' }),
    'Bo sent you $10.00. It is in your wallet.',
  ],
  ['a top-up', topUpNotice({ ...movement, last4: '4242' }), '$10.00 from your card ending in 4242 is in your wallet.'],
  [
    'a decline',
    topUpNotice({ ...movement, last4: '0002' }, 'CARD_DECLINED'),
    'Your card ending in 0002 was declined: $10.00 was not added. Nothing was charged.',
  ],
  [
    'a processor fault',
    topUpNotice({ ...movement, last4: '0002' }, 'PROCESSOR_ERROR'),
    'Your card ending in 0002 could not be charged: $10.00 was not added. Nothing was charged.',
  ],
  ['a top-up from a bank', bankTopUpNotice({ ...movement, last4: '3000' }), '$10.00 from your bank account ending in 3000 is in your wallet.'],
  [
    'a top-up that the bank refused',
    bankTopUpNotice({ ...movement, last4: '3000', reason: 'ACCOUNT_CLOSED', owed: 0n }),
    'Your bank account ending in 3000 could not be charged: $10.00 was not added.',
  ],
  [
    'a top-up that the bank took back',
    bankTopUpNotice({ ...movement, last4: '3000', reason: 'RETURNED', owed: 0n }),
    'Your bank took back the top-up of $10.00. It has left your wallet.',
  ],
  [
    'a top-up that the bank took back after it was spent',
    bankTopUpNotice({ ...movement, last4: '3000', reason: 'RETURNED', owed: 700n }),
    'Your bank took back the top-up of $10.00. You still owe $7.00 of it.',
  ],
  [
    'a withdrawal',
    withdrawalNotice('settled', { ...movement, last4: '3000', fee: 25n }),
    '$10.00 went to your bank account ending in 3000. Fee: $0.25.',
  ],
  [
    'a withdrawal that failed',
    withdrawalNotice('failed', { ...movement, last4: '3000', fee: 25n }),
    '$10.00 did not reach your bank account ending in 3000. It is back in your wallet, with its fee of $0.25.',
  ],
  [
    'a correction that brings money',
    adjustmentNotice({ ...movement, direction: 'CREDIT' }),
    '$10.00 was put into your wallet by a correction. Ask us if you do not expect it.',
  ],
  [
    'a correction that takes money',
    adjustmentNotice({ ...movement, direction: 'DEBIT' }),
    '$10.00 was taken out of your wallet by a correction. Ask us if you do not expect it.',
  ],
  [
    'a bank account',
    bankAccountAlarm({ personId: 'p1', paymentMethodId: 'b1', last4: '3000' }),
    'An account ending in 3000 was added as a payment method. If it was not you, change your password now.',
  ],
  [
    'another account for payouts',
    payoutAccountAlarm({ personId: 'p1', merchantId: 'm1', payoutAccountId: 'a1', last4: '3000', formerOwner: false }),
    'Cafe is now paid to an account ending in 3000. If no owner did that, set the right account at once and tell us.',
  ],
  [
    'a payout account, to who was an owner until lately',
    payoutAccountAlarm({ personId: 'p1', merchantId: 'm1', payoutAccountId: 'a1', last4: '3000', formerOwner: true }),
    'Cafe, of which you were an owner until lately, is now paid to another account. If it was taken from you, tell us at once.',
  ],
  [
    'payouts that go on',
    payoutsResumedAlarm({ personId: 'p1', merchantId: 'm1', payoutId: 'o1', last4: '3000' }),
    'Payouts of Cafe go on to the account ending in 3000. If no owner did that, set the right account at once and tell us.',
  ],
  ['cashback', rewardNotice({ ...reward, kind: 'CASHBACK' }), 'Cashback of $0.25 for your payment is in your wallet.'],
  [
    'a referral',
    rewardNotice({ ...reward, kind: 'REFERRAL_REWARD' }),
    'Your reward of $0.25 for an invitation is in your wallet. Thank you.',
  ],
  [
    'a rebate',
    rewardNotice({ ...reward, kind: 'FEE_REBATE' }),
    'The fee of $0.25 for your payment was waived and is back in your wallet.',
  ],
  ['a reward kept for debts', rewardNotice({ ...reward, kind: 'CASHBACK', credited: 0n }), ''],
  [
    'a reversal',
    rewardReversalNotice({ ...movement, reversalId: 'r1', owed: 0n }),
    'A payment was refunded: $10.00 of its reward was taken back.',
  ],
  [
    'a reversal with debts',
    rewardReversalNotice({ ...movement, reversalId: 'r1', owed: 5n }),
    'A payment was refunded: $10.00 of its reward was taken back. $0.05 will be taken from later rewards.',
  ],
  [
    'a reversal that is all debt',
    rewardReversalNotice({ ...movement, amount: 0n, reversalId: 'r1', owed: 300n }),
    'A payment was refunded. Nothing of its reward could be taken back now: $3.00 will be taken from later rewards.',
  ],
  ['a reversal of nothing', rewardReversalNotice({ ...movement, amount: 0n, reversalId: 'r1', owed: 0n }), ''],
  [
    'a wallet',
    walletWelcome({ ...movement, walletId: 'w1' }),
    'Welcome to your USD wallet. Top it up to pay, send money and earn rewards.',
  ],
  [
    'a card',
    cardAlarm({ personId: 'p1', paymentMethodId: 'c1', brand: 'Visa', last4: '4242' }),
    'Visa ending in 4242 was added to your account. If it was not you, change your password now.',
  ],
  [
    'a token used twice',
    reuseAlarm({ personId: 'p1', familyId: 'f1' }),
    'An old sign-in was used a second time, so we ended it. If it was not you, change your password now.',
  ],
  [
    'a new device',
    deviceAlarm({ personId: 'p1', sessionId: 's1', browser: 'Chrome', platform: 'Windows' }),
    'You signed in with a new device: Chrome on Windows. If it was not you, end that session and change your password.',
  ],
  [
    'a second factor',
    secondFactorAlarm({ personId: 'p1', changeId: 'x2', change: 'ENABLED' }),
    'An authenticator app was added. If it was not you, change your password now.',
  ],
  [
    'no second factor',
    secondFactorAlarm({ personId: 'p1', changeId: 'x3', change: 'DISABLED' }),
    'Your authenticator app was removed. If it was not you, change your password now.',
  ],
  [
    'sessions that were ended',
    sessionsEndedAlarm({ personId: 'p1', changeId: 'x4', reason: 'ENDED_BY_OWNER', count: 3 }),
    'Your other sessions were ended from another device. If it was not you, change your password now.',
  ],
  [
    'a session that was ended',
    sessionsEndedAlarm({ personId: 'p1', changeId: 'x5', reason: 'ENDED_BY_OWNER', count: 1 }),
    'One of your sessions was ended from another device. If it was not you, change your password now.',
  ],
  [
    'a consent',
    consentAlarm({ personId: 'p1', consentId: 'c7' }),
    'You let a bank see some of your wallets. If it was not you, withdraw it among your consents and change your password now.',
  ],
  [
    'a consent whose code came twice',
    consentEndedAlarm({ personId: 'p1', consentId: 'c8', reason: 'CODE_REUSED' }),
    "A bank's code to see your data was used twice, so we ended your consent. The bank sees nothing any more.",
  ],
  [
    'a consent that an operator ended as asked',
    consentEndedByOperatorAlarm({ personId: 'p1', consentId: 'c10', onRequest: true, bankLeft: false }),
    'As you asked, we ended your consent to a bank. If it was not you who asked, contact us at once. The bank sees nothing by it any more.',
  ],
  [
    'a consent that an operator ended for safety',
    consentEndedByOperatorAlarm({ personId: 'p1', consentId: 'c11', onRequest: false, bankLeft: false }),
    'For your safety we ended your consent to a bank. You may give it anew at the bank. The bank sees nothing by it any more.',
  ],
  [
    'a consent that an operator ended since the bank has left',
    consentEndedByOperatorAlarm({ personId: 'p1', consentId: 'c12', onRequest: false, bankLeft: true }),
    'We ended your consent to a bank that no longer works with Tael. The bank sees nothing by it any more.',
  ],
  [
    'an application that was approved',
    applicationNotice({ applicationId: 'a1', applicantId: 'p1', outcome: 'APPROVED', occurredAt: new Date('2026-11-28T12:00:00Z') }),
    'It is approved: your business can be paid.',
  ],
  [
    'an application that needs more',
    applicationNotice({ applicationId: 'a1', applicantId: 'p1', outcome: 'NEEDS_MORE', occurredAt: new Date('2026-11-28T11:00:00Z') }),
    'More is needed: see what the application asks for.',
  ],
  [
    'an application that needs more again',
    applicationNotice({ applicationId: 'a1', applicantId: 'p1', outcome: 'NEEDS_MORE', occurredAt: new Date('2026-11-28T11:30:00Z') }),
    'More is needed: see what the application asks for.',
  ],
  ['a consent that its person withdrew', consentEndedAlarm({ personId: 'p1', consentId: 'c9', reason: 'PERSON' }), ''],
  ['a sign-out', sessionsEndedAlarm({ personId: 'p1', changeId: 'x6', reason: 'SIGNED_OUT', count: 1 }), ''],
];

describe('what events ask for', () => {
  it.each(drafts)('%s', (_name, draft, body) => {
    if (!draft) return expect(body).toBe('');
    const template = TEMPLATES[draft.template as keyof typeof TEMPLATES];
    expect(template.class).toBe(draft.class);
    expect(
      writeMessage(draft.template as keyof typeof TEMPLATES, 'en', draft.facts, {
        merchant: 'Cafe',
        counterparty: 'Bo',
      }).body,
    ).toBe(body);
  });
  it('keys each thing that happened for itself', () => {
    const keys = drafts.flatMap(([, draft]) => (draft ? [draft.dedupeKey] : []));
    expect(new Set(keys)).toEqual(
      new Set([
        'merchant-application.decided/a1/2026-11-28T12:00:00.000Z',
        'merchant-application.decided/a1/2026-11-28T11:00:00.000Z',
        'merchant-application.decided/a1/2026-11-28T11:30:00.000Z',
        'payment.settled/t1/p1',
        'payment.refunded/t1/p1',
        'transfer.sent/t1/p1',
        'transfer.received/t1/p1',
        'topup.settled/t1/p1',
        'topup.failed/t1/p1',
        'topup.from-bank/t1/p1',
        'bank-topup.failed/t1/p1',
        'bank-topup.returned/t1/p1',
        'withdrawal.settled/t1/p1',
        'withdrawal.failed/t1/p1',
        'wallet.adjusted/t1/p1',
        'bank-account.added/b1',
        'payout-account.changed/a1/p1',
        'payouts.resumed/o1/p1',
        'reward.paid/g1',
        'reward.reversed/r1',
        'wallet.opened/w1',
        'card.added/c1',
        'session.reuse-detected/f1',
        'device.added/s1',
        'second-factor.changed/x2',
        'second-factor.changed/x3',
        'sessions.ended/x4',
        'sessions.ended/x5',
        'consent.given/c7',
        'consent.withdrawn/c8',
        'consent.ended/c10',
        'consent.ended/c11',
        'consent.ended/c12',
      ]),
    );
  });
  // To whom it goes, what it is about, and for how many hours it is news.
  const about: [string, MessageDraft | null, object, number | null][] = [
    [
      'a payment',
      paymentReceipt({ ...movement, merchantId: 'm1', fee: 0n, waived: 0n }),
      { transactionId: 't1', merchantId: 'm1' },
      24,
    ],
    ['a refund', refundNotice({ ...movement, merchantId: 'm1' }), { transactionId: 't1', merchantId: 'm1' }, 24],
    [
      'a transfer',
      transferNotice('sent', { ...movement, counterpartyId: 'p2' }),
      { transactionId: 't1', counterpartyId: 'p2' },
      24,
    ],
    ['a top-up', topUpNotice({ ...movement, last4: '4242' }), { transactionId: 't1' }, 24],
    ['cashback', rewardNotice({ ...reward, kind: 'CASHBACK' }), { transactionId: 't1' }, 72],
    ['a reversal', rewardReversalNotice({ ...movement, reversalId: 'r1', owed: 5n }), { transactionId: 't1' }, 72],
    // Nothing was taken: there is no transaction to show.
    ['a debt', rewardReversalNotice({ ...movement, amount: 0n, reversalId: 'r1', owed: 5n }), {}, 72],
    ['a wallet', walletWelcome({ ...movement, walletId: 'w1' }), {}, 72],
    ['a card', cardAlarm({ personId: 'p1', paymentMethodId: 'c1', brand: 'Visa', last4: '4242' }), {}, null],
    ['a token used twice', reuseAlarm({ personId: 'p1', familyId: 'f1' }), {}, null],
    ['an application', applicationNotice({ applicationId: 'a1', applicantId: 'p1', outcome: 'REJECTED', occurredAt }), {}, 24],
  ];
  it.each(about)('%s goes to its person and is about what happened', (_name, draft, subjects, hours) => {
    const { transactionId, merchantId, counterpartyId, campaignId } = draft!;
    expect(draft!.personId).toBe('p1');
    expect({ transactionId, merchantId, counterpartyId, campaignId }).toEqual(subjects);
    expect(draft!.validUntil).toEqual(hours === null ? null : new Date(occurredAt.getTime() + hours * 3_600_000));
  });
  it.each([['SECURITY', null], ['TRANSACTIONAL', 24], ['SERVICE', 72]] as const)('of %s is news for %s hours', (messageClass, hours) => {
    expect(newsUntil(messageClass, occurredAt)).toEqual(hours === null ? null : new Date(occurredAt.getTime() + hours * 3_600_000));
  });
  // Where a text has a choice, what is left over has its word too.
  it.each<[MessageDraft | null, Record<string, string>]>([
    [paymentReceipt({ ...movement, merchantId: 'm1', fee: 0n, waived: 0n }), { feeKind: 'none' }],
    [rewardReversalNotice({ ...movement, reversalId: 'r1', owed: 0n }), { owes: 'no' }],
    [consentEndedByOperatorAlarm({ personId: 'p1', consentId: 'c1', onRequest: false, bankLeft: false }), { request: 'no' }],
    [sessionsEndedAlarm({ personId: 'p1', changeId: 'x1', reason: 'ENDED_BY_OWNER', count: 2 }), { count: 'MANY' }],
  ])('case %#: has each word', (draft, words) => {
    expect(draft!.facts.words).toEqual(words);
  });
  it('is of nothing below zero either', () => {
    expect(rewardNotice({ ...reward, kind: 'CASHBACK', credited: -1n })).toBeNull();
    expect(rewardReversalNotice({ ...movement, amount: -1n, reversalId: 'r1', owed: 0n })).toBeNull();
  });
  it('is news for a day, three days, or for ever', () => {
    const until = (draft: MessageDraft | null): number | null =>
      draft?.validUntil ? (draft.validUntil.getTime() - occurredAt.getTime()) / 3_600_000 : null;
    expect(until(refundNotice({ ...movement, merchantId: 'm' }))).toBe(24);
    expect(until(rewardNotice({ ...reward, kind: 'CASHBACK' }))).toBe(72);
    expect(until(reuseAlarm({ personId: 'p1', familyId: 'f1' }))).toBeNull();
  });
});
