import { eventually } from '@tael/testkit';
import { addCard, anonymous, balanceOf, fund, must, newCampaign, newCardNumber, newMerchant, newPerson, pay, type Person, refund } from './world';

const CODE = '{ viewer { rewards { referralCode } } }';
const REFERRALS = '{ viewer { rewards { referrals { displayName status } } } }';
const DECISIONS = `query ($id: ID!) { transaction(id: $id) { benefits { kind status }
  rewardDecisions { campaign { id } outcome conditions { label expected actual passed } } } }`;

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

  describe('by somebody with the same card', () => {
    const invited = async () => {
      const shop = await newMerchant();
      const campaign = await newCampaign([shop.id], {
        conditions: { minimumAmount: { amount: '20.00', currency: 'USD' } },
        referralReward: { referrerReward: { amount: '5.00', currency: 'USD' }, friendReward: { amount: '3.00', currency: 'USD' } },
      });
      const referrer = await newPerson({ displayName: 'Rhea Referrer' });
      const { viewer } = await must<any>(referrer.client, CODE);
      const friend = await newPerson({ displayName: 'Fred Friend', referralCode: viewer.rewards.referralCode });
      return { shop, campaign, referrer, friend };
    };
    const referrals = async (person: Person) => (await must<any>(person.client, REFERRALS)).viewer.rewards.referrals;
    const decisionOf = async (person: Person, id: string, campaign: string) =>
      (await must<any>(person.client, DECISIONS, { id })).transaction.rewardDecisions.find((one: any) => one.campaign.id === campaign);
    const why = { label: 'Invited by a friend, not rewarded yet', expected: 'invited', actual: 'by somebody who uses the same card or bank account', passed: false };

    it('brings neither anything, and the friend reads why; all else stays as it is', async () => {
      const { shop, campaign, referrer, friend } = await invited();
      const card = newCardNumber();
      await addCard(referrer, card);
      await fund(friend, '100.00', 'USD', card);
      await eventually(async () => expect(await referrals(referrer)).toEqual([{ displayName: 'Fred', status: 'REJECTED' }]), { timeoutMs: 20_000 });
      const paid = await pay(friend, shop.id, '30.00');
      await eventually(async () => {
        const decision = await decisionOf(friend, paid.id, campaign);
        expect(decision).toMatchObject({ outcome: 'CONDITION_FAILED', conditions: expect.arrayContaining([why]) });
      }, { timeoutMs: 20_000 });
      expect([await balanceOf(referrer), await balanceOf(friend)]).toEqual(['0.00', '69.70']);
      // Somebody else whom the same person invites is rewarded as ever.
      const { viewer } = await must<any>(referrer.client, CODE);
      const other = await newPerson({ displayName: 'Olga Other', referralCode: viewer.rewards.referralCode });
      await fund(other, '100.00', 'USD', newCardNumber());
      await pay(other, shop.id, '30.00');
      await eventually(async () => expect([await balanceOf(referrer), await balanceOf(other)]).toEqual(['5.00', '72.70']), { timeoutMs: 20_000 });
    });

    it('is found out later, and takes back what both were given, once', async () => {
      const { shop, campaign, referrer, friend } = await invited();
      const card = newCardNumber();
      await fund(friend, '100.00', 'USD', card);
      const paid = await pay(friend, shop.id, '30.00');
      await eventually(async () => expect([await balanceOf(referrer), await balanceOf(friend)]).toEqual(['5.00', '72.70']), { timeoutMs: 20_000 });
      await addCard(referrer, card);
      await eventually(async () => {
        expect([await balanceOf(referrer), await balanceOf(friend)]).toEqual(['0.00', '69.70']);
        expect(await referrals(referrer)).toEqual([{ displayName: 'Fred', status: 'REJECTED' }]);
        const decision = await decisionOf(friend, paid.id, campaign);
        expect(decision).toMatchObject({ outcome: 'REVERSED', conditions: expect.arrayContaining([why]) });
      }, { timeoutMs: 20_000 });
      await refund(shop.owner, paid.id);
      await eventually(async () => expect([await balanceOf(referrer), await balanceOf(friend)]).toEqual(['0.00', '99.70']), { timeoutMs: 20_000 });
    });
  });

  it('is refused with a code that nobody has', async () => {
    const answer = await anonymous.request<any>(
      'mutation ($input: SignUpInput!) { signUp(input: $input) { user { id } userErrors { code field } } }',
      { input: { email: 'nobody@e2e.tael.example', password: 'long-enough-1', displayName: 'N', currency: 'USD', referralCode: 'ZZZZZZZZZZZZ' } },
    );
    expect(answer.data.signUp).toEqual({ user: null, userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'referralCode'] }] });
  });
});
