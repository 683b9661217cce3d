import { givenName, type ReferralReward, referralStatus } from './referral.domain';

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
  ['Jun Wei Chen', 'Jun'], ['  Mia\tLang ', 'Mia'], ['Björk', 'Björk'], ['王 小明', '王'], ['王　小明', '王'], ['', ''],
])('%j is shown as %j', (name, shown) => {
  expect(givenName(name)).toBe(shown);
});
