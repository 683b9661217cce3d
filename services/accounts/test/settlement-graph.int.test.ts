import { BANK_IBANS } from '@tael/sandbox';
import { type Asker, type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { merchantsOf, type Shop } from './support/merchant-world';

// Who sees what of settlement, at the subgraph itself: `_entities` comes past every parent.
let world: PeopleWorld;
let merchants: ReturnType<typeof merchantsOf>;
let shop: Shop;
let payer: NewPerson;
let operator: Asker;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_settlement_graph');
  merchants = merchantsOf(world);
  [shop, payer] = [await merchants.shop(100), await merchants.payer()];
  const { principal } = (await world.signUp()).as;
  operator = { principal: { ...principal, roles: ['CUSTOMER', 'OPERATOR'] } };
  const payment = await merchants.pay(payer, shop, 5_000n);
  await merchants.refund(shop, payment, 1_000n);
  await merchants.fold();
});
afterAll(() => world.end());

const ENTITY = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Merchant {
  payoutAccount { last4 } settlements { edges { node { number net { amount } payout { status }
    lines { edges { node { kind amount { amount } } } } csv: document(format: CSV) { fileName content } xml: document(format: CAMT_053) { content } } } } } } }`;
const entity = async (as: Asker) => (await world.ask(ENTITY, { of: [{ __typename: 'Merchant', id: shop.merchantId }] }, as)).data._entities[0];

it('closes for an operator with a reason, and shows the same to who may see it', async () => {
  const CLOSE = 'mutation ($input: CloseSettlementInput!) { closeSettlement(input: $input) { settlement { id number net { amount } } userErrors { code } } }';
  const input = { merchantId: shop.merchantId, currency: 'USD', reason: 'leaves' };
  expect((await world.ask(CLOSE, { input }, shop.owner.as)).errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  const { data } = await world.ask(CLOSE, { input }, operator);
  expect(data.closeSettlement).toMatchObject({ settlement: { number: 1, net: { amount: '39.50' } }, userErrors: [] });
  expect((await world.ask(CLOSE, { input }, operator)).data.closeSettlement).toMatchObject({ settlement: null, userErrors: [{ code: 'NOT_ALLOWED' }] });
  const SET = 'mutation ($input: SetPayoutAccountInput!) { setPayoutAccount(input: $input) { payoutAccount { status } userErrors { code } } }';
  const set = { merchantId: shop.merchantId, iban: BANK_IBANS.settle, holderName: 'Shop' };
  expect((await world.ask(SET, { input: set }, operator)).data.setPayoutAccount.userErrors).toEqual([{ code: 'NOT_ALLOWED' }]);
  expect((await world.ask(SET, { input: set }, shop.owner.as)).data.setPayoutAccount).toEqual({ payoutAccount: { status: 'ACTIVE' }, userErrors: [] });

  for (const as of [shop.owner.as, shop.manager.as, operator]) {
    const seen = await entity(as);
    expect(seen.payoutAccount).toEqual({ last4: '3000' });
    expect(seen.settlements.edges).toHaveLength(1);
    const { node } = seen.settlements.edges[0];
    expect(node.lines.edges.map(({ node: line }: { node: { kind: string; amount: { amount: string } } }) => `${line.kind} ${line.amount.amount}`))
      .toEqual(['PAYMENT 50.00', 'REFUND -10.00']);
    expect(node.csv.content.trimEnd().split('\r\n').map((row: string) => row.split(',').slice(2, 7).join(' '))).toEqual([
      'kind amount currency fee balanceAfter', 'PAYMENT 50.00 USD 0.00 50.00', 'REFUND -10.00 USD 0.00 40.00', 'MERCHANT_FEES -0.50 USD 0.00 39.50',
    ]);
    expect(node.xml.content).toContain('<CdtDbtInd>CRDT</CdtDbtInd>');
  }
  for (const as of [shop.cashier.as, payer.as, {}]) expect(await entity(as)).toEqual({ payoutAccount: null, settlements: null });
});

it('shows one settlement, or all of them, only to who may see them', async () => {
  const [{ id }] = (await world.rows('SELECT id FROM settlement WHERE "merchantId" = $1', [shop.merchantId])) as [{ id: string }];
  const one = async (as: Asker) => (await world.ask('query ($id: ID!) { settlement(id: $id) { id } }', { id }, as)).data?.settlement;
  expect(await one(shop.manager.as)).toEqual({ id });
  expect(await one(operator)).toEqual({ id });
  expect(await one(shop.cashier.as)).toBeNull();
  expect(await one(payer.as)).toBeNull();
  const all = (as: Asker) => world.ask('{ settlements(first: 5) { edges { node { merchantId } } } }', {}, as);
  expect((await all(operator)).data.settlements.edges).toEqual([{ node: { merchantId: shop.merchantId } }]);
  expect((await all(shop.owner.as)).errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  // Nor through the transaction that the payer sees.
  const { data } = await world.ask('{ viewer { transactions(first: 5) { edges { node { merchant { id settlements { edges { node { id } } } payoutAccount { last4 } } } } } } }', {}, payer.as);
  for (const { node } of data.viewer.transactions.edges) if (node.merchant) expect(node.merchant).toMatchObject({ settlements: null, payoutAccount: null });
});
