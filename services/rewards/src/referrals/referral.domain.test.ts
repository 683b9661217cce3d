import { LATE_LINK_MS } from '../links/link.domain';
import { givenName, onLink, type ReferralFacts, type ReferralReward, referralStatus, standingAt } from './referral.domain';

const reward = (status: ReferralReward['status'], reversed = 0n): ReferralReward => ({ status, amount: 100n, reversed });

it.each([
  [[reward('PENDING'), reward('PENDING')], 'QUALIFIED'],
  [[reward('PAID'), reward('PENDING')], 'QUALIFIED'],
  [[reward('PAID'), reward('PAID')], 'REWARDED'],
  [[reward('PAID'), reward('REFUSED')], 'REWARDED'],
  [[reward('PAID', 99n), reward('PAID')], 'REWARDED'],
  [[reward('PAID', 100n), reward('PENDING', 100n)], 'REJECTED'],
  [[reward('REFUSED'), reward('REFUSED')], 'REJECTED'],
])('rewards of case %# make the referral %s', (rewards, status) => {
  expect(referralStatus(rewards)).toBe(status);
});

it.each([
  ['Jun Wei Chen', 'Jun'], ['  Mia\tLang ', 'Mia'], ['Björk', 'Björk'], ['王 小明', '王'], ['王　小明', '王'], ['A  B', 'A'], ['', ''],
])('%j is shown as %j', (name, shown) => {
  expect(givenName(name)).toBe(shown);
});

const PAID_AT = new Date('2026-03-01T00:00:00Z');
const after = (ms: number): Date => new Date(PAID_AT.getTime() + ms);
const referral = (status: ReferralFacts['status'], linkedAt: Date | null = null, isQualified = false): ReferralFacts => ({ status, linkedAt, isQualified });

it.each<[ReferralFacts, string]>([
  [referral('NONE'), 'NONE'],
  [referral('JOINED'), 'JOINED'],
  [referral('QUALIFIED', null, true), 'QUALIFIED'],
  [referral('REWARDED', after(LATE_LINK_MS + 1), true), 'REWARDED'],
  [referral('REJECTED'), 'REJECTED'],
  [referral('REJECTED', after(-1)), 'LINKED'],
  [referral('REJECTED', after(LATE_LINK_MS)), 'LINKED'],
  [referral('REJECTED', after(LATE_LINK_MS + 1)), 'JOINED'],
  [referral('REJECTED', after(LATE_LINK_MS + 1), true), 'LINKED'],
])('case %#: a referral stands towards a payment as %s', (facts, standing) => {
  expect(standingAt(facts, PAID_AT)).toBe(standing);
});

it.each<[ReferralFacts, number, string]>([
  [referral('JOINED'), 0, 'REFUSE'],
  [referral('JOINED'), LATE_LINK_MS + 1, 'REFUSE'],
  [referral('QUALIFIED', null, true), 0, 'TAKE_BACK'],
  [referral('REWARDED', null, true), LATE_LINK_MS, 'TAKE_BACK'],
  [referral('REWARDED', null, true), LATE_LINK_MS + 1, 'NOTE'],
  // A link of before, heard of later, takes back what the later one left.
  [referral('REWARDED', after(LATE_LINK_MS + 9), true), LATE_LINK_MS, 'TAKE_BACK'],
  [referral('REWARDED', after(LATE_LINK_MS + 9), true), LATE_LINK_MS + 9, 'LEAVE'],
  [referral('REJECTED', after(5)), 3, 'NOTE'],
  [referral('REJECTED', after(5)), 5, 'LEAVE'],
  // Refused for another reason: a ring, or a refund.
  [referral('REJECTED'), 0, 'LEAVE'],
])('case %#: a link %#, %d ms after the payment: %s', (facts, ms, what) => {
  expect(onLink(facts, { since: after(ms), paidAt: facts.isQualified ? PAID_AT : null })).toBe(what);
});

it('a link to a referral of which no payment is known is noted', () => {
  expect(onLink(referral('QUALIFIED', null, true), { since: after(0), paidAt: null })).toBe('NOTE');
});
