import { randomUUID } from 'node:crypto';
import { stack } from './stack';
import { anonymous, balanceOf, must, newFundedPerson, newMerchant, newPerson, PAY, payment, type Person, QUOTE } from './world';

const INSIDE = /SELECT|INSERT|postgres|typeorm|node_modules|\.ts:|\.js:|ECONN|127\.0\.0\.1|stacktrace|serviceName/i;

describe('input that is not usable', () => {
  let person: Person;
  let shop: { id: string };

  beforeAll(async () => {
    [person, shop] = await Promise.all([newFundedPerson('100.00'), newMerchant()]);
  });
  afterEach(async () => expect(await balanceOf(person)).toBe('100.00'));

  const amounts: [string, string, string][] = [
    ['-1.00', 'USD', 'INVALID_INPUT'], ['0', 'USD', 'INVALID_INPUT'], ['0.00', 'USD', 'INVALID_INPUT'], ['-0', 'USD', 'INVALID_INPUT'],
    ['1.001', 'USD', 'INVALID_INPUT'], ['1e3', 'USD', 'INVALID_INPUT'], ['NaN', 'USD', 'INVALID_INPUT'], ['Infinity', 'USD', 'INVALID_INPUT'],
    ['', 'USD', 'INVALID_INPUT'], [' 1', 'USD', 'INVALID_INPUT'], ['1,00', 'USD', 'INVALID_INPUT'], ['0x10', 'USD', 'INVALID_INPUT'],
    ['١٠', 'USD', 'INVALID_INPUT'], ['12345678901234567890123456', 'USD', 'INVALID_INPUT'], ['1.00', 'EUR', 'CURRENCY_MISMATCH'],
    ['1.00', 'XXX', 'INVALID_INPUT'], ['1.00', 'usd', 'INVALID_INPUT'], ["1'; DROP TABLE account; --", 'USD', 'INVALID_INPUT'],
  ];
  const operations: [string, string, (amount: object) => object][] = [
    ['payMerchant', PAY, (amount) => payment(person, shop.id, '1', { amount, idempotencyKey: randomUUID() })],
    ['paymentQuote', QUOTE, (amount) => ({ input: { walletId: person.walletId, merchantId: shop.id, amount } })],
    ['sendMoney', 'mutation ($input: SendMoneyInput!) { sendMoney(input: $input) { transaction { id } userErrors { code field message } } }',
      (amount) => ({ input: { walletId: person.walletId, recipientEmail: 'customer@demo.tael.example', amount, idempotencyKey: randomUUID() } })],
  ];
  it.each(operations)('A6: %s refuses every bad amount with a code and the path', async (name, query, variables) => {
    for (const [amount, currency, code] of amounts) {
      const answer = await person.client.request<any>(query, variables({ amount, currency }) as Record<string, unknown>);
      expect({ amount, errors: answer.errors }).toEqual({ amount, errors: undefined });
      const [refusal] = answer.data[name].userErrors;
      expect({ amount, currency, code: refusal?.code }).toEqual({ amount, currency, code });
      expect(refusal.field.slice(0, 2)).toEqual(['input', 'amount']);
      expect(JSON.stringify(answer)).not.toMatch(INSIDE);
    }
  });
  it.each([operations[0]!, operations[2]!])('%s refuses what is above the limit of one transaction', async (name, query, variables) => {
    const answer = await person.client.request<any>(query, variables({ amount: '10000.01', currency: 'USD' }) as Record<string, unknown>);
    expect(answer.data[name].userErrors[0]).toMatchObject({ code: 'LIMIT_EXCEEDED', field: expect.arrayContaining(['input', 'amount']) });
  });
  it('a number in place of a decimal string is BAD_USER_INPUT', async () => {
    const answer = await person.client.request(PAY, payment(person, shop.id, '1', { amount: { amount: 12.5, currency: 'USD' } }));
    expect(answer.errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
    expect(JSON.stringify(answer)).not.toMatch(INSIDE);
  });

  it.each([
    ['the amount', 'query ($w: ID!, $m: ID!, $a: MoneyInput = { amount: "1.00", currency: "USD" }) { paymentQuote(input: { walletId: $w, merchantId: $m, amount: $a }) { userErrors { code } } }'],
    ['its currency', 'query ($w: ID!, $m: ID!, $a: CurrencyCode = "USD") { paymentQuote(input: { walletId: $w, merchantId: $m, amount: { amount: "1.00", currency: $a } }) { userErrors { code } } }'],
  ])('a variable that is null where its default would stand is BAD_USER_INPUT: %s', async (_what, query) => {
    const answer = await person.client.request(query, { w: person.walletId, m: shop.id, a: null });
    expect(answer.errors?.[0]).toMatchObject({ message: 'A variable is null where a value is needed.', extensions: { code: 'BAD_USER_INPUT' } });
    expect(answer.errors).toHaveLength(1);
    expect(JSON.stringify(answer)).not.toMatch(INSIDE);
  });

  it.each(['', 'x', '1', 'null', "' OR 1=1 --", '../../etc/passwd', '00000000-0000-0000-0000-00000000000g', 'a'.repeat(5000), '💳'])(
    'the id %j looks like nothing', async (id) => {
      const answer = await person.client.request<any>('query ($id: ID!) { transaction(id: $id) { id } merchant(id: $id) { id } }', { id });
      expect(answer.errors).toBeUndefined();
      expect(answer.data).toEqual({ transaction: null, merchant: null });
      const paid = await person.client.request<any>(PAY, payment(person, id, '1.00'));
      expect(paid.data.payMerchant.userErrors[0].code).toBe('NOT_FOUND');
      const from = await person.client.request<any>(PAY, payment(person, shop.id, '1.00', { walletId: id }));
      expect(from.data.payMerchant.userErrors[0].code).toBe('NOT_FOUND');
    },
  );

  it.each(["Robert'); DROP TABLE person; --", '%', '_', '\\', '{{7*7}}', '\u0000', '<script>alert(1)</script>'])(
    'SQL and markup in strings is only text: %j', async (text) => {
      const found = await person.client.request<any>('query ($s: String) { merchants(search: $s) { edges { node { id } } } }', { s: text });
      expect(found.errors?.[0]?.extensions?.['code'] ?? 'NONE').not.toBe('INTERNAL_SERVER_ERROR');
      const paid = await person.client.request<any>(PAY, payment(person, shop.id, '1000.00', { description: text }));
      expect(paid.errors?.[0]?.extensions?.['code'] ?? paid.data.payMerchant.userErrors[0].code).toMatch(/INSUFFICIENT_FUNDS|INVALID_INPUT/);
      expect(JSON.stringify(paid)).not.toMatch(INSIDE);
    },
  );

  it('idempotency keys have 1 to 255 characters', async () => {
    for (const idempotencyKey of ['', 'k'.repeat(256)]) {
      const answer = await person.client.request<any>(PAY, payment(person, shop.id, '1.00', { idempotencyKey }));
      expect(answer.data.payMerchant.userErrors).toEqual([expect.objectContaining({ code: 'INVALID_INPUT', field: ['input', 'idempotencyKey'] })]);
    }
  });

  it.each([0, -1, 101, 2_147_483_647])('a list of %i is refused', async (first) => {
    const lists = ['viewer { transactions(first: $n) { edges { cursor } } }', 'viewer { inbox(first: $n) { edges { cursor } } }',
      'merchants(first: $n) { edges { cursor } }', 'campaigns(first: $n) { edges { cursor } }'];
    for (const list of lists) {
      const answer = await person.client.request(`query ($n: Int) { ${list} }`, { n: first });
      expect(answer.errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT');
    }
  });

  it('a string of a megabyte is refused before it is read', async () => {
    const answer = await person.client.request(PAY, payment(person, shop.id, '1.00', { description: 'x'.repeat(1_048_576) }));
    expect(answer.status).toBe(413);
    expect(answer.errors?.[0]?.extensions?.['code']).toBe('PAYLOAD_TOO_LARGE');
  });
  it('a string of a hundred thousand characters is refused with its path', async () => {
    const answer = await person.client.request<any>(PAY, payment(person, shop.id, '1.00', { description: 'x'.repeat(100_000) }));
    expect(answer.data.payMerchant.userErrors[0]).toMatchObject({ code: 'INVALID_INPUT', field: ['input', 'description'] });
  });

  it.each([
    ['{', 'malformed JSON'], ['[]', 'an empty batch'], ['"text"', 'no object'], ['{"query": 1}', 'a query that is no text'],
    ['{"query": "{ viewer { "}', 'malformed GraphQL'], ['{"query": "{ nothing }"}', 'an unknown field'], ['', 'nothing'],
    ['{"query":"query($id:ID!){transaction(id:$id){id}}","variables":{}}', 'a missing variable'],
  ])('%s: a clear error (%s)', async (body) => {
    const response = await fetch(stack.gatewayUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const text = await response.text();
    expect(response.status).toBeGreaterThanOrEqual(200);
    expect(response.status).toBeLessThan(500);
    expect(JSON.parse(text).errors[0].extensions.code).toMatch(/^[A-Z_]+$/);
    expect(text).not.toMatch(INSIDE);
  });

  it('sign-up says what is wrong, field by field', async () => {
    const SIGN_UP = 'mutation ($input: SignUpInput!) { signUp(input: $input) { user { id } userErrors { code field } } }';
    const good = { email: `x-${randomUUID()}@e2e.tael.example`, password: 'long-enough-password', displayName: 'X', currency: 'USD' };
    const bad: [object, string, string][] = [
      [{ email: 'nobody' }, 'email', 'INVALID_INPUT'], [{ email: person.email }, 'email', 'EMAIL_TAKEN'], [{ password: 'short' }, 'password', 'INVALID_INPUT'],
      [{ displayName: '' }, 'displayName', 'INVALID_INPUT'], [{ displayName: 'x'.repeat(500) }, 'displayName', 'INVALID_INPUT'],
      [{ currency: 'ABC' }, 'currency', 'INVALID_INPUT'], [{ locale: 'not a locale' }, 'locale', 'INVALID_INPUT'],
      [{ timeZone: 'Mars/Olympus' }, 'timeZone', 'INVALID_INPUT'], [{ referralCode: 'NOBODYS' }, 'referralCode', 'INVALID_INPUT'],
    ];
    for (const [change, field, code] of bad) {
      const answer = await anonymous.request<any>(SIGN_UP, { input: { ...good, ...change } });
      expect({ change, errors: answer.data?.signUp.userErrors }).toEqual({ change, errors: [{ code, field: ['input', field] }] });
    }
    await must(anonymous, SIGN_UP, { input: good });
  });

  it('a refusal speaks the language of the person', async () => {
    const chinese = await newPerson({ locale: 'zh-CN' });
    const answer = await chinese.client.request<any>(PAY, payment(chinese, shop.id, '5.00'));
    expect(answer.data.payMerchant.userErrors).toEqual([{ code: 'INSUFFICIENT_FUNDS', field: expect.anything(), message: '钱包余额不足。' }]);
  });
});
