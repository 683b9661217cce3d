import { randomUUID } from 'node:crypto';
import { eventually } from '@tael/testkit';
import { balanceOf, inboxOf, must, newFundedPerson, newMerchant, operator, PAY, pay, payment, type Person } from './world';

// A message crosses the bus twice; a busy machine takes its time.
jest.setTimeout(120_000);

const FREEZE = 'mutation ($input: FreezeWalletInput!) { freezeWallet(input: $input) { freeze { id frozenAt frozenBy } userErrors { code } } }';
const UNFREEZE = 'mutation ($input: UnfreezeWalletInput!) { unfreezeWallet(input: $input) { freeze { liftedBy } userErrors { code } } }';
const SEND = 'mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { transaction { id } userErrors { code message field } } }';
const FREEZES = `query ($walletId: ID) { walletFreezes(walletId: $walletId, first: 10) { edges { node { id personId reason liftedAt
  auditTrail(first: 10) { edges { node { action actorId reason } } } } } } }`;

const send = (by: Person, to: Person, amount: string) => by.client.request<any>(SEND, {
  input: { walletId: by.walletId, recipientEmail: to.email, amount: { amount, currency: 'USD' }, idempotencyKey: randomUUID() },
});
const frozenSince = async ({ client }: Person) => (await must<any>(client, '{ viewer { wallets { frozenSince } } }')).viewer.wallets[0].frozenSince;
const topicsOf = async (person: Person): Promise<[string, string][]> => (await inboxOf(person)).map((message: any) => [message.topic, message.class]);

it('A8: a wallet that an operator freezes lets nothing out and takes money in, until the freeze is lifted', async () => {
  const [person, friend, staff, shop] = await Promise.all([newFundedPerson('100.00'), newFundedPerson('50.00'), operator(), newMerchant()]);
  expect(await frozenSince(person)).toBeNull();
  const reason = `Order ${randomUUID()}`;
  const { freezeWallet } = await must<any>(staff.client, FREEZE, { input: { walletId: person.walletId, reason } });
  expect(freezeWallet).toMatchObject({ freeze: { frozenBy: staff.id }, userErrors: [] });
  const { freeze } = freezeWallet;
  expect(await frozenSince(person)).toBe(freeze.frozenAt);

  const order = payment(person, shop.id, '10.00');
  const refused = [{ code: 'WALLET_FROZEN', field: ['input', 'walletId'], message: expect.stringContaining('support') }];
  expect((await person.client.request<any>(PAY, order)).data.payMerchant.userErrors).toMatchObject(refused);
  expect((await send(person, friend, '1.00')).data.sendMoney).toEqual({ transaction: null, userErrors: refused });
  expect((await send(friend, person, '5.00')).data.sendMoney.userErrors).toEqual([]);
  expect(await balanceOf(person)).toBe('105.00');
  await eventually(async () => expect(await topicsOf(person)).toContainEqual(['wallet.frozen', 'SECURITY']), { describe: 'the person is told of it', timeoutMs: 30_000 });

  const { walletFreezes } = await must<any>(staff.client, FREEZES, {});
  expect(walletFreezes.edges.map(({ node }: any) => node)).toContainEqual(expect.objectContaining({ id: freeze.id, personId: person.id, reason, liftedAt: null }));
  const asked = await person.client.request<any>(FREEZES, { walletId: person.walletId });
  expect(asked.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);

  const { unfreezeWallet } = await must<any>(staff.client, UNFREEZE, { input: { freezeId: freeze.id, reason: 'The order was lifted' } });
  expect(unfreezeWallet).toEqual({ freeze: { liftedBy: staff.id }, userErrors: [] });
  expect(await frozenSince(person)).toBeNull();
  await pay(person, shop.id, '10.00');
  await eventually(async () => {
    const inbox = await inboxOf(person);
    expect(inbox.map(({ topic }: any) => topic)).toEqual(expect.arrayContaining(['wallet.frozen', 'wallet.unfrozen']));
    expect(JSON.stringify(inbox)).not.toContain(reason);
  }, { describe: 'the person is told that it is free, and never why it was frozen', timeoutMs: 30_000 });
  const trail = (await must<any>(staff.client, FREEZES, { walletId: person.walletId })).walletFreezes.edges[0].node.auditTrail.edges;
  expect(trail.map(({ node }: any) => node)).toEqual([
    { action: 'UNFROZEN', actorId: staff.id, reason: 'The order was lifted' }, { action: 'FROZEN', actorId: staff.id, reason },
  ]);
});
