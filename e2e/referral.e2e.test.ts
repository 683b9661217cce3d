import { eventually } from '@tael/testkit';
import { anonymous, balanceOf, must, newCampaign, newMerchant, newPerson, fund, pay, refund } from './world';

describe('inviting a friend', () => {
  it('rewards both sides once after the friend\'s first qualifying payment, and a full refund takes both back', async () => {
    const shop = await newMerchant();
    await newCampaign([shop.id], {
      conditions: { minimumAmount: { amount: '20.00', currency: 'USD' } },
      referralReward: { referrerReward: { amount: '5.00', currency: 'USD' }, friendReward: { amount: '3.00', currency: 'USD' } },
    });
    const referrer = await newPerson({ displayName: 'Rhea Referrer' });
    const { viewer } = await must<any>(referrer.client, '{ viewer { rewards { referralCode } } }');
    const friend = await newPerson({ displayName: 'Fred Friend', referralCode: viewer.rewards.referralCode });
    await fund(friend, '100.00');
    const referrals = async () => (await must<any>(referrer.client, '{ viewer { rewards { referrals { displayName status } } } }')).viewer.rewards.referrals;
    await eventually(async () => expect(await referrals()).toEqual([{ displayName: 'Fred', status: 'JOINED' }]), { timeoutMs: 20_000 });

    const small = await pay(friend, shop.id, '10.00');
    expect(small.fee).toBe('0.10');
    const qualifying = await pay(friend, shop.id, '30.00');
    await pay(friend, shop.id, '30.00');
    await eventually(async () => {
      expect(await balanceOf(referrer)).toBe('5.00');
      // 100.00 - 10.10 - 30.30 - 30.30 + 3.00
      expect(await balanceOf(friend)).toBe('32.30');
      expect(await referrals()).toEqual([{ displayName: 'Fred', status: 'REWARDED' }]);
    }, { timeoutMs: 20_000 });

    await refund(shop.owner, qualifying.id);
    await eventually(async () => {
      expect(await balanceOf(referrer)).toBe('0.00');
      expect(await balanceOf(friend)).toBe('59.30');
    }, { timeoutMs: 20_000 });
  });

  it('is refused with a code that nobody has', async () => {
    const answer = await anonymous.request<any>(
      'mutation ($input: SignUpInput!) { signUp(input: $input) { user { id } userErrors { code field } } }',
      { input: { email: 'nobody@e2e.tael.example', password: 'long-enough-1', displayName: 'N', currency: 'USD', referralCode: 'ZZZZZZZZZZZZ' } },
    );
    expect(answer.data.signUp).toEqual({ user: null, userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'referralCode'] }] });
  });
});
