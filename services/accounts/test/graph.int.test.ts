import { randomUUID } from 'node:crypto';
import { createLogger } from '@tael/platform/log';
import { IDENTITY_HEADER, signIdentity } from '@tael/platform/identity';
import { newKeyPair } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { type App, createApp } from '../src/app';
import { type Bank, breaches, type Customer, openBank, SEAL_KEYS } from './support/bank';

const IDENTITY_KEYS: [{ id: string; key: Buffer }] = [{ id: 'gateway', key: Buffer.alloc(32, 9) }];

const TRANSACTION = `id kind status direction description createdAt ownerId amount { amount currency } fee { amount }
  balanceAfter { amount } merchant { id } counterparty { displayName }`;
const PAY = `mutation ($input: PayMerchantInput!) { payMerchant(input: $input) {
  transaction { ${TRANSACTION} } wallet { id balance { available { amount } posted { amount } pending { amount } } }
  userErrors { code message field } } }`;
const QUOTE = `query ($input: PaymentQuoteInput!) { paymentQuote(input: $input) { userErrors { code field message }
  quote { id amount { amount } fee { amount } feeBeforeWaiver { amount } total { amount currency } validUntil
    walletId merchantId merchantCategoryCode paymentOrdinal } } }`;
const ENTITIES = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on Transaction { id kind ownerId } ... on PaymentQuote { id total { amount } } ... on User { id } ... on Wallet { id } } }`;

// The subgraph as the gateway asks it: what the API shows, to whom, and what it refuses.
describe('graph of money', () => {
  let bank: Bank;
  let app: App;
  let seller: Customer;
  let merchantId: string;
  let settings: never;

  beforeAll(async () => {
    const signingKey = { ...newKeyPair().privateKey.export({ format: 'jwk' }), kid: 'test' };
    bank = await openBank('graph');
    settings = {
        IDENTITY_KEYS, SEAL_KEYS, TOKEN_SIGNING_KEYS: [signingKey], TOKEN_ISSUER: 'i', TOKEN_AUDIENCE: 'a', CARD_FINGERPRINT_KEYS: [{ id: 'f1', key: Buffer.alloc(32, 1) }],
        CARD_PROCESSOR_URL: 'http://127.0.0.1:1', CARD_PROCESSOR_SECRET: 'x'.repeat(16), CARD_PROCESSOR_NOTICE_KEYS: [], BANK_URL: 'http://127.0.0.1:1', BANK_SIGNING_KEYS: [{ id: 'b', key: Buffer.alloc(32, 6) }], SIGN_UPS_PER_HOUR: 1, SIGN_INS_PER_HOUR: 1,
        FAILED_SIGN_INS_PER_15_MINUTES: 1,
        PARTNER_ISSUER: 'http://127.0.0.1/partner/oauth', PARTNER_AUDIENCE: 'http://127.0.0.1/partner/graphql',
    } as never;
    app = await createApp({ dataSource: bank.dataSource, log: createLogger({ service: 'test', level: 'silent' }), now: () => new Date(), settings });
    seller = await bank.customer({ name: 'Grace' });
    merchantId = await bank.merchant({ people: [seller.personId] });
  });
  afterAll(async () => {
    await app.server.close();
    await bank.close();
  });

  async function ask(who: Customer | null, query: string, variables: object = {}, locale = 'en'): Promise<any> {
    return JSON.parse(await textOf(who, { query, variables, locale }));
  }
  /** What stands on the wire, of `asked` instance. */
  async function textOf(
    who: Customer | null, { query, variables, locale = 'en', asked = app }: { query: string; variables: object; locale?: string; asked?: App },
  ): Promise<string> {
    const body = JSON.stringify({ query, variables });
    const identity = {
      principal: who && { personId: who.personId, sessionId: randomUUID(), roles: who.operator ? ['CUSTOMER', 'OPERATOR'] as const : ['CUSTOMER'] as const },
      locale, reference: 'ref', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', address: '127.0.0.1',
    };
    const response = await asked.server.inject({
      method: 'POST', url: '/graphql', payload: body,
      headers: { 'content-type': 'application/json', [IDENTITY_HEADER]: signIdentity(identity, body, IDENTITY_KEYS, Date.now()) },
    });
    return response.payload;
  }
  const payInput = (payer: Customer, amount: string, more: object = {}) => ({
    input: { walletId: payer.walletId, merchantId, amount: { amount, currency: 'USD' }, idempotencyKey: uuidv7(), ...more },
  });

  it('pays: the transaction, the balance after it, and the same again for the same key', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    const variables = payInput(payer, '12.50', { description: 'coffee ☕' });
    const { data } = await ask(payer, PAY, variables);
    expect(data.payMerchant).toMatchObject({
      transaction: {
        kind: 'PAYMENT', status: 'SETTLED', direction: 'OUT', amount: { amount: '12.50', currency: 'USD' }, fee: { amount: '0.12' },
        balanceAfter: { amount: '87.38' }, merchant: { id: merchantId }, counterparty: null, description: 'coffee ☕', ownerId: payer.personId,
      },
      wallet: { id: payer.walletId, balance: { available: { amount: '87.38' }, posted: { amount: '87.38' }, pending: { amount: '0.00' } } },
      userErrors: [],
    });
    const sameAmount = { input: { ...variables.input, amount: { amount: '12.5', currency: 'USD' } } };
    expect((await ask(payer, PAY, sameAmount)).data.payMerchant.transaction).toEqual(data.payMerchant.transaction);
    const [stored] = await bank.dataSource.query('SELECT description FROM ledger_tx WHERE id = $1', [data.payMerchant.transaction.id]);
    expect(stored.description).toMatch(/^v1\.test\./);
    const [row] = await bank.dataSource.query(
      `SELECT headers->>'traceparent' AS trace FROM outbox WHERE headers->>'ce_type' = 'payment.settled' AND key = $1`, [payer.walletId],
    );
    expect(row.trace).toContain('0af7651916cd43dd8448eb211c80319c');
  });

  it('answers fifty sends of one key byte for byte alike, in two instances, at once and later, whoever pays', async () => {
    const other = await createApp({ dataSource: bank.dataSource, log: createLogger({ service: 'test', level: 'silent' }), now: () => new Date(), settings });
    const shopkeeper = await bank.customer({ minor: 10_000n, name: 'Who pays in their own shop' });
    const ownShop = await bank.merchant({ people: [shopkeeper.personId] });
    const operator = { ...(await bank.customer({ minor: 10_000n })), operator: true };
    for (const payer of [await bank.customer({ minor: 10_000n }), shopkeeper, operator]) {
      const variables = payInput(payer, '12.5', { ...(payer === shopkeeper ? { merchantId: ownShop } : {}), description: ' coffee\n☕ ' });
      const send = (asked: App) => textOf(payer, { query: PAY, variables, asked });
      const texts = await Promise.all(Array.from({ length: 50 }, (_none, n) => send(n % 2 ? app : other)));
      expect(JSON.parse(texts[0]!).data.payMerchant.userErrors).toEqual([]);
      expect(new Set(texts)).toEqual(new Set([texts[0]]));
      expect(await send(other)).toBe(texts[0]);
      expect(await send(app)).toBe(texts[0]);
    }
    // A refusal is an answer too.
    const poor = await bank.customer({ minor: 100n });
    const variables = payInput(poor, '12.50');
    const texts = await Promise.all(Array.from({ length: 20 }, (_none, n) => textOf(poor, { query: PAY, variables, asked: n % 2 ? app : other })));
    expect(JSON.parse(texts[0]!).data.payMerchant.userErrors).toMatchObject([{ code: 'INSUFFICIENT_FUNDS' }]);
    expect(new Set(texts).size).toBe(1);
    await other.server.close();
  });

  it.each([
    ['-1.00', 'INVALID_INPUT', 'amount'], ['0', 'INVALID_INPUT', 'amount'], ['0.00', 'INVALID_INPUT', 'amount'],
    ['1.001', 'INVALID_INPUT', 'amount'], ['1e3', 'INVALID_INPUT', 'amount'], ['NaN', 'INVALID_INPUT', 'amount'],
    ['Infinity', 'INVALID_INPUT', 'amount'], ['', 'INVALID_INPUT', 'amount'], [' 1', 'INVALID_INPUT', 'amount'], ['+1', 'INVALID_INPUT', 'amount'],
    ['1,00', 'INVALID_INPUT', 'amount'], ['١', 'INVALID_INPUT', 'amount'], ['0x10', 'INVALID_INPUT', 'amount'],
    ['12345678901234567890123456', 'INVALID_INPUT', 'amount'], ["1'; DROP TABLE account; --", 'INVALID_INPUT', 'amount'],
  ])('refuses the amount %j, and nothing moves', async (amount, code, field) => {
    const payer = await bank.customer({ minor: 10_000n });
    const paid = await ask(payer, PAY, payInput(payer, amount));
    expect(paid.data.payMerchant).toMatchObject({ transaction: null, wallet: null, userErrors: [{ code, field: ['input', 'amount', field] }] });
    const { idempotencyKey: _, ...quoteInput } = payInput(payer, amount).input;
    expect((await ask(payer, QUOTE, { input: quoteInput })).data.paymentQuote).toMatchObject({ quote: null, userErrors: [{ code }] });
    expect(await bank.balance(payer.walletId)).toBe(10_000n);
  });

  it.each([
    ['EUR', 'CURRENCY_MISMATCH'], ['usd', 'INVALID_INPUT'], ['XXX', 'INVALID_INPUT'], ['', 'INVALID_INPUT'],
  ])('refuses the currency %j', async (currency, code) => {
    const payer = await bank.customer({ minor: 10_000n });
    const { data } = await ask(payer, PAY, payInput(payer, '1.00', { amount: { amount: '1.00', currency } }));
    expect(data.payMerchant.userErrors).toMatchObject([{ code, field: ['input', 'amount', 'currency'] }]);
  });

  it('speaks the language of the request', async () => {
    const payer = await bank.customer();
    const { data } = await ask(payer, PAY, payInput(payer, '5.00'), 'zh-CN');
    expect(data.payMerchant.userErrors).toEqual([{ code: 'INSUFFICIENT_FUNDS', message: '钱包余额不足。', field: ['input', 'amount', 'amount'] }]);
  });

  it('quotes, and gives a quote back by its id to nobody else', async () => {
    const [payer, other] = [await bank.customer(), await bank.customer()];
    const { data } = await ask(payer, QUOTE, { input: { walletId: payer.walletId, merchantId, amount: { amount: '50.00', currency: 'USD' } } });
    const { quote } = data.paymentQuote;
    expect(quote).toMatchObject({ fee: { amount: '0.50' }, total: { amount: '50.50', currency: 'USD' }, merchantId, paymentOrdinal: 1 });
    expect(Date.parse(quote.validUntil) - Date.now()).toBeGreaterThan(4 * 60_000);
    const representations = [{ __typename: 'PaymentQuote', id: quote.id }];
    expect((await ask(payer, ENTITIES, { representations })).data._entities).toEqual([{ id: quote.id, total: { amount: '50.50' } }]);
    expect((await ask(other, ENTITIES, { representations })).data._entities).toEqual([null]);
    expect((await ask(null, ENTITIES, { representations })).data._entities).toEqual([null]);
    expect((await ask(payer, ENTITIES, { representations: [{ __typename: 'PaymentQuote', id: 'v1.test.AAAA.AAAA' }] })).data._entities).toEqual([null]);
  });

  it('shows a transaction to its owner, the merchant and operators; to all others as if there were none', async () => {
    const [payer, stranger, operator] = [await bank.customer({ minor: 10_000n }), await bank.customer(), await bank.customer({ operator: true })];
    const { data } = await ask(payer, PAY, payInput(payer, '10.00'));
    const { id } = data.payMerchant.transaction;
    const query = `query ($id: ID!) { transaction(id: $id) { ${TRANSACTION} } }`;
    expect((await ask(payer, query, { id: id.toUpperCase() })).data.transaction).toMatchObject({ direction: 'OUT', balanceAfter: { amount: '89.90' } });
    for (const viewer of [seller, operator]) {
      expect((await ask(viewer, query, { id })).data.transaction).toMatchObject({ direction: 'OUT', balanceAfter: null });
    }
    const hidden = await ask(stranger, query, { id });
    expect(hidden).toEqual(await ask(stranger, query, { id: uuidv7() }));
    expect(hidden).toEqual(await ask(stranger, query, { id: 'no id' }));
    expect(hidden.data.transaction).toBeNull();
    expect((await ask(null, query, { id })).errors[0].extensions.code).toBe('UNAUTHENTICATED');
    const representations = [{ __typename: 'Transaction', id }, { __typename: 'Transaction', id: uuidv7() }];
    expect((await ask(seller, ENTITIES, { representations })).data._entities).toEqual([{ id, kind: 'PAYMENT', ownerId: payer.personId }, null]);
    expect((await ask(stranger, ENTITIES, { representations })).data._entities).toEqual([null, null]);
    expect((await ask(null, ENTITIES, { representations })).data._entities).toEqual([null, null]);
  });

  it('refunds as the merchant, and the payer sees it', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    const { data } = await ask(payer, PAY, payInput(payer, '10.00'));
    const { id } = data.payMerchant.transaction;
    const refund = `mutation ($input: RefundPaymentInput!) { refundPayment(input: $input) { transaction { ${TRANSACTION} } userErrors { code field } } }`;
    const input = { transactionId: id, amount: { amount: '4.00', currency: 'USD' }, reason: 'cold', idempotencyKey: uuidv7() };
    expect((await ask(payer, refund, { input })).data.refundPayment.userErrors).toEqual([{ code: 'NOT_ALLOWED', field: ['input', 'transactionId'] }]);
    const done = await ask(seller, refund, { input });
    expect(done.data.refundPayment.transaction).toMatchObject({ kind: 'REFUND', direction: 'IN', balanceAfter: null, description: 'cold' });
    const seen = await ask(payer, `query ($id: ID!) { transaction(id: $id) { ${TRANSACTION} } }`, { id: done.data.refundPayment.transaction.id });
    expect(seen.data.transaction).toMatchObject({ balanceAfter: { amount: '93.90' }, merchant: { id: merchantId }, amount: { amount: '4.00' } });
  });

  it('lists newest first, page by page, both sides of transfers, filtered, and only one\'s own', async () => {
    const [ada, bob] = [await bank.customer({ minor: 100_000n, name: 'Ada' }), await bank.customer({ minor: 1_000n, name: 'Bob' })];
    const send = `mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { transaction { ${TRANSACTION} } wallet { id } userErrors { code } } }`;
    const sendInput = { walletId: ada.walletId, recipientEmail: bob.email, amount: { amount: '3.00', currency: 'USD' }, description: 'lunch', idempotencyKey: 's' };
    for (let i = 0; i < 5; i++) await ask(ada, PAY, payInput(ada, `1.0${i}`));
    expect((await ask(ada, send, { input: sendInput })).data.sendMoney.transaction).toMatchObject({ counterparty: { displayName: 'Bob' }, direction: 'OUT' });
    const list = `query ($first: Int, $after: String, $walletId: ID, $kinds: [TransactionKind!]) { viewer {
      transactions(first: $first, after: $after, walletId: $walletId, kinds: $kinds) {
        edges { cursor node { ${TRANSACTION} } } pageInfo { hasNextPage hasPreviousPage endCursor } } } }`;
    const all = (await ask(ada, list)).data.viewer.transactions;
    expect(all.edges.map((edge: any) => [edge.node.kind, edge.node.amount.amount])).toEqual([
      ['TRANSFER', '3.00'], ['PAYMENT', '1.04'], ['PAYMENT', '1.03'], ['PAYMENT', '1.02'], ['PAYMENT', '1.01'], ['PAYMENT', '1.00'], ['TOP_UP', '1000.00'],
    ]);
    let after: string | undefined;
    const paged: string[] = [];
    for (let page = 0; page < 4; page++) {
      const { edges, pageInfo } = (await ask(ada, list, { first: 2, after })).data.viewer.transactions;
      paged.push(...edges.map((edge: any) => edge.node.id));
      expect(pageInfo).toMatchObject({ hasNextPage: page < 3, hasPreviousPage: page > 0 });
      after = pageInfo.endCursor;
    }
    expect(paged).toEqual(all.edges.map((edge: any) => edge.node.id));
    const bobs = (await ask(bob, list)).data.viewer.transactions.edges.map((edge: any) => edge.node);
    expect(bobs[0]).toMatchObject({
      kind: 'TRANSFER', direction: 'IN', counterparty: { displayName: 'Ada' }, description: 'lunch', balanceAfter: { amount: '13.00' },
    });
    expect(bobs).toHaveLength(2);
    expect((await ask(ada, list, { kinds: ['TOP_UP'] })).data.viewer.transactions.edges).toHaveLength(1);
    expect((await ask(ada, list, { walletId: bob.walletId })).data.viewer.transactions.edges).toEqual([]);
    expect((await ask(ada, list, { walletId: 'x' })).data.viewer.transactions.edges).toEqual([]);
    for (const bad of [{ first: 0 }, { first: 101 }, { after: 'junk' }, { after: Buffer.from('["x","y"]').toString('base64url') }]) {
      expect((await ask(ada, list, bad)).errors[0].extensions.code).toBe('BAD_USER_INPUT');
    }
  });

  it('shows a top-up that is pending or failed, which the books do not know', async () => {
    const ada = await bank.customer({ minor: 500n });
    const id = uuidv7();
    await bank.dataSource.query(
      `INSERT INTO top_up (id, "personId", "walletId", "paymentMethodId", currency, amount, last4, status, "failureReason", "chargeId",
         attempts, "leaseUntil", "createdAt", "endedAt")
       SELECT $1, "personId", "walletId", "paymentMethodId", currency, 700, last4, 'FAILED', 'CARD_DECLINED', NULL, 1,
         now(), now(), now() FROM top_up WHERE "personId" = $2`, [id, ada.personId],
    );
    const { data } = await ask(ada, `{ viewer { transactions { edges { node { ${TRANSACTION} } } } } }`);
    expect(data.viewer.transactions.edges[0].node).toMatchObject({
      id, kind: 'TOP_UP', status: 'FAILED', direction: 'IN', amount: { amount: '7.00' }, balanceAfter: null,
    });
    expect((await ask(await bank.customer(), `query ($id: ID!) { transaction(id: $id) { id } }`, { id })).data.transaction).toBeNull();
  });

  it('leaves sound books', async () => {
    expect(breaches(await bank.verify())).toEqual([]);
  });
});
