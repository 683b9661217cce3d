import { BANK_IBANS } from '@tael/sandbox';
import { eventually } from '@tael/testkit';
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
  payoutAccount { last4 } payoutHold { reason until } settlements { edges { node { number net { amount } payout { status }
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
    expect(seen.payoutHold).toBeNull();
    expect(seen.settlements.edges).toHaveLength(1);
    const { node } = seen.settlements.edges[0];
    expect(node.lines.edges.map(({ node: line }: { node: { kind: string; amount: { amount: string } } }) => `${line.kind} ${line.amount.amount}`))
      .toEqual(['PAYMENT 50.00', 'REFUND -10.00']);
    expect(node.csv.content.trimEnd().split('\r\n').map((row: string) => row.split(',').slice(2, 7).join(' '))).toEqual([
      'kind amount currency fee balanceAfter', 'PAYMENT 50.00 USD 0.00 50.00', 'REFUND -10.00 USD 0.00 40.00', 'MERCHANT_FEES -0.50 USD 0.00 39.50',
    ]);
    expect(node.xml.content).toContain('<CdtDbtInd>CRDT</CdtDbtInd>');
  }
  for (const as of [shop.cashier.as, payer.as, {}]) expect(await entity(as)).toEqual({ payoutAccount: null, payoutHold: null, settlements: null });
});

it('says why nothing is paid out to who may see settlements, and to nobody else', async () => {
  const held = await merchants.shop(0, undefined, { verified: false });
  const HOLD = 'query ($of: [_Any!]!) { _entities(representations: $of) { ... on Merchant { payoutHold { reason until } } } }';
  const ask = async (as: Asker) => (await world.ask(HOLD, { of: [{ __typename: 'Merchant', id: held.merchantId }] }, as)).data._entities[0].payoutHold;
  for (const as of [held.owner.as, held.manager.as, operator]) expect(await ask(as)).toEqual({ reason: 'NOT_VERIFIED', until: null });
  for (const as of [held.cashier.as, shop.owner.as, payer.as, {}]) expect(await ask(as)).toBeNull();
});

it('refuses a fee that is higher than any may be, by name, and the table does too', async () => {
  const SET = 'mutation ($input: SetMerchantTermsInput!) { setMerchantTerms(input: $input) { terms { feeBasisPoints } userErrors { code field } } }';
  const ask = async (feeBasisPoints: number, amount: string, currency = 'USD') => (await world.ask(SET, { input: {
    merchantId: shop.merchantId, feeBasisPoints, feePerPayment: { amount, currency }, reserveBasisPoints: 0, reserveDays: 0, reason: 'by contract',
  } }, operator)).data.setMerchantTerms;
  expect(await ask(2_001, '5.01')).toEqual({ terms: null, userErrors: [
    { code: 'INVALID_INPUT', field: ['input', 'feeBasisPoints'] }, { code: 'INVALID_INPUT', field: ['input', 'feePerPayment'] },
  ] });
  expect((await ask(100, '501', 'JPY')).userErrors).toEqual([{ code: 'INVALID_INPUT', field: ['input', 'feePerPayment'] }]);
  expect((await ask(10_001, '0.00')).userErrors).toEqual([{ code: 'INVALID_INPUT', field: ['input', 'feeBasisPoints'] }]);
  expect(await ask(2_000, '2.000', 'KWD')).toEqual({ terms: { feeBasisPoints: 2_000 }, userErrors: [] });
  const insert = (rate: number, fixed: number, currency: string) => world.rows(
    `INSERT INTO merchant_terms (id, "merchantId", currency, "feeBasisPoints", "feeFixed", "reserveBasisPoints", "reserveDays", "effectiveFrom", "setBy", "setAt", reason)
     SELECT gen_random_uuid(), $1, $2, $3, $4, 0, 0, now(), "setBy", now(), 'past the rule' FROM merchant_terms LIMIT 1`, [shop.merchantId, currency, rate, fixed]);
  await expect(insert(2_001, 0, 'USD')).rejects.toThrow('a fee is higher than any may be');
  await expect(insert(0, 501, 'USD')).rejects.toThrow('a fee is higher than any may be');
  await expect(insert(0, 2_001, 'KWD')).rejects.toThrow('a fee is higher than any may be');
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

describe('merchants that owe', () => {
  const OWING = `query ($first: Int, $after: String, $currency: CurrencyCode!) { owingMerchants(currency: $currency, first: $first, after: $after) {
    edges { cursor node { merchant { id } owed { amount currency } since } } pageInfo { hasNextPage } } }`;
  const list = async (variables: object = {}) => (await world.ask(OWING, { currency: 'USD', ...variables }, operator)).data.owingMerchants;
  /** Has a shop give back after it was paid out all it had. */
  const owe = async (given: Shop, minor: bigint): Promise<void> => {
    const payment = await merchants.pay(payer, given, minor);
    await merchants.nextDay();
    await merchants.openPayouts();
    const statuses = async () => (await merchants.payouts(given)).map(({ status }) => status);
    await merchants.bank.withLoops(() => eventually(async () => expect(new Set(await statuses())).toEqual(new Set(['SETTLED'])), { timeoutMs: 25_000 }));
    await merchants.refund(given, payment);
    await merchants.nextDay();
  };
  const closings = async ({ merchantId }: Shop): Promise<[bigint, string][]> =>
    (await world.rows('SELECT closing, "closedAt" FROM settlement WHERE "merchantId" = $1 ORDER BY number', [merchantId]))
      .map((row) => [row['closing'] as bigint, (row['closedAt'] as Date).toISOString()]);

  it('are listed for operators, who owes most first, since when they always have', async () => {
    const [small, large, paid] = [await merchants.shop(0), await merchants.shop(0), await merchants.shop(0)];
    for (const given of [small, large, paid]) expect(await merchants.setAccount(given)).toMatchObject({ ok: true });
    for (const [given, minor] of [[small, 2_000n], [large, 3_000n], [paid, 1_000n]] as const) await owe(given, minor);
    // A part comes in: it owes still, and since the same day. The last one owes nothing any more.
    await merchants.pay(payer, small, 500n);
    await merchants.pay(payer, paid, 1_000n);
    await merchants.nextDay();
    expect((await closings(small)).map(([closing]) => closing)).toEqual([2_000n, -2_000n, -1_500n]);
    const since = async (given: Shop) => (await closings(given))[1]![1];
    const all = await list();
    expect(all.edges.map(({ node }: any) => node)).toEqual([
      { merchant: { id: large.merchantId }, owed: { amount: '30.00', currency: 'USD' }, since: await since(large) },
      { merchant: { id: small.merchantId }, owed: { amount: '15.00', currency: 'USD' }, since: await since(small) },
    ]);
    const first = await list({ first: 1 });
    expect([first.edges, first.pageInfo]).toEqual([all.edges.slice(0, 1), { hasNextPage: true }]);
    expect((await list({ first: 1, after: first.edges[0].cursor })).edges).toEqual(all.edges.slice(1));
    expect((await list({ currency: 'EUR' })).edges).toEqual([]);

    // Out of debt and into it again: it owes since the second time.
    await merchants.pay(payer, small, 2_000n);
    await merchants.nextDay();
    await owe(small, 700n);
    const [newest] = (await closings(small)).slice(-1);
    expect((await list()).edges[1].node).toMatchObject({ merchant: { id: small.merchantId }, since: newest![1] });
  });

  it('are for nobody else, and a position that was made up is none', async () => {
    for (const as of [shop.owner.as, shop.manager.as, payer.as]) {
      expect((await world.ask(OWING, { currency: 'USD' }, as)).errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
    }
    expect((await world.ask(OWING, { currency: 'USD' }, {})).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
    for (const currency of ['XXX', 'a\0b', '']) {
      expect((await world.ask(OWING, { currency }, operator)).errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    }
    for (const after of ['x', Buffer.from('["1"]').toString('base64url'), Buffer.from('["-1","x"]').toString('base64url')]) {
      expect((await world.ask(OWING, { currency: 'USD', after }, operator)).errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    }
  });
});
