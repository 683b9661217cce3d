import { readTaelCode, type TaelShop, writeTaelCode } from '@tael/emvco';
import { currencyCode } from '@tael/money';
import { v7 as uuidv7 } from 'uuid';
import { type Bank, breaches, type Customer, openBank, USD } from './support/bank';

// Payments by codes of shops on a real Postgres.
describe('payments by QR code', () => {
  let bank: Bank;
  let shop: TaelShop;

  beforeAll(async () => {
    bank = await openBank('qr');
    const merchantId = await bank.merchant();
    shop = { merchantId, storeId: uuidv7(), categoryCode: '5812', currency: USD, country: 'US', name: 'Shop', city: 'Town' };
  });
  afterAll(() => bank.close());

  const pay = (payer: Customer, payload: string, options: { minor?: bigint; key?: string; currency?: string } = {}) =>
    bank.services.qrPayments.pay(payer, {
      walletId: payer.walletId, payload, description: undefined, idempotencyKey: options.key ?? uuidv7(),
      amount: options.minor === undefined ? undefined : { minor: options.minor, currency: currencyCode(options.currency ?? 'USD') },
    });
  const told = (answer: Awaited<ReturnType<typeof pay>>): string =>
    answer.ok ? 'OK' : answer.refusals.map(({ code, reason, field }) => [code, reason, field?.join('.')].filter(Boolean).join(' ')).join();

  /** A dynamic code whose copy has arrived, unless told. */
  async function dynamic(minor: bigint, options: { arrives?: boolean; expiresAt?: Date; copied?: bigint } = {}): Promise<string> {
    const codeId = uuidv7();
    if (options.arrives !== false) {
      await bank.receive('payment-code.created', {
        codeId, merchantId: shop.merchantId, storeId: shop.storeId, currency: USD, amount: options.copied ?? minor,
        expiresAt: options.expiresAt ?? new Date(Date.now() + 600_000), occurredAt: new Date(),
      });
    }
    return writeTaelCode(shop, { codeId, minor });
  }
  const payments = async (payer: Customer): Promise<bigint> => {
    const [row] = await bank.dataSource.query(`SELECT count(*) AS n FROM ledger_tx WHERE kind = 'PAYMENT' AND "personId" = $1`, [payer.personId]);
    return row.n;
  };

  it('pays a static code as payMerchant does, with the payer\'s amount, as often as one likes', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    const payload = writeTaelCode(shop);
    expect(told(await pay(payer, payload, { minor: 1_000n }))).toBe('OK');
    expect(told(await pay(payer, payload, { minor: 500n }))).toBe('OK');
    expect(await bank.balance(payer.walletId)).toBe(10_000n - 1_000n - 10n - 500n - 10n);
    const settled = (await bank.events('payment.settled')).filter(({ data }) => data.personId === payer.personId);
    expect(settled.map(({ data }) => [data.merchantId, data.amount, data.fee])).toEqual([[shop.merchantId, 1_000n, 10n], [shop.merchantId, 500n, 10n]]);
  });
  it('pays once a key, and refuses the key for another code', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    const key = uuidv7();
    const payload = await dynamic(700n);
    const answers = await Promise.all(Array.from({ length: 10 }, () => pay(payer, payload, { key })));
    expect(new Set(answers.map((answer) => (answer.ok ? answer.transactionId : told(answer)))).size).toBe(1);
    expect(await payments(payer)).toBe(1n);
    expect(told(await pay(payer, await dynamic(700n), { key }))).toBe('IDEMPOTENCY_KEY_REUSED input.idempotencyKey');
  });
  it.each<[string, () => string, bigint | undefined, string]>([
    ['no amount', () => writeTaelCode(shop), undefined, 'INVALID_INPUT QR_AMOUNT_MISSING input.amount'],
    ['a merchant that nobody knows', () => writeTaelCode({ ...shop, merchantId: uuidv7() }), 100n, 'NOT_FOUND input.payload'],
    ['a broken checksum', () => `${writeTaelCode(shop).slice(0, -1)}!`, 100n, 'INVALID_INPUT QR_CODE input.payload'],
    ['another scheme', () => '00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D', 100n, 'INVALID_INPUT QR_OTHER_SCHEME input.payload'],
    ['nothing', () => '', 100n, 'INVALID_INPUT QR_CODE input.payload'],
    ['100,000 characters', () => '0'.repeat(100_000), 100n, 'INVALID_INPUT QR_CODE input.payload'],
  ])('refuses a code with %s', async (_what, payload, minor, expected) => {
    const payer = await bank.customer({ minor: 10_000n });
    expect(told(await pay(payer, payload(), minor === undefined ? {} : { minor }))).toBe(expected);
    expect(await bank.balance(payer.walletId)).toBe(10_000n);
  });
  it('keeps the rules of payments: currency, money, a merchant that is not active', async () => {
    const payer = await bank.customer({ minor: 100n });
    expect(told(await pay(payer, writeTaelCode(shop), { minor: 100n }))).toBe('INSUFFICIENT_FUNDS input.amount.amount');
    expect(told(await pay(payer, writeTaelCode(shop), { minor: 1n, currency: 'EUR' }))).toBe('CURRENCY_MISMATCH QR_CODE input.amount.currency');
    const merchantId = await bank.merchant({ status: 'SUSPENDED' });
    expect(told(await pay(payer, writeTaelCode({ ...shop, merchantId }), { minor: 1n }))).toBe('MERCHANT_NOT_ACTIVE input.payload');
  });

  it('pays a dynamic code once: the second payer hears that it is paid', async () => {
    const [first, second] = [await bank.customer({ minor: 10_000n }), await bank.customer({ minor: 10_000n })];
    const payload = await dynamic(700n);
    expect(told(await pay(first, payload))).toBe('OK');
    expect(told(await pay(second, payload))).toBe('ALREADY_EXISTS CODE_PAID input.payload');
    expect(told(await pay(first, payload, { minor: 700n }))).toBe('ALREADY_EXISTS CODE_PAID input.payload');
    expect(await bank.balance(second.walletId)).toBe(10_000n);
  });
  it('lets one of twenty payers at once through', async () => {
    const payers = await Promise.all(Array.from({ length: 20 }, () => bank.customer({ minor: 10_000n })));
    const payload = await dynamic(700n);
    const answers = await Promise.all(payers.map((payer) => pay(payer, payload)));
    expect(answers.map(told).sort()).toEqual([...Array(19).fill('ALREADY_EXISTS CODE_PAID input.payload'), 'OK']);
    const made = await Promise.all(payers.map(payments));
    expect(made.reduce((sum, one) => sum + one)).toBe(1n);
  });
  it('stays unpaid where the payer has too little, and is another\'s then', async () => {
    const [poor, rich] = [await bank.customer({ minor: 100n }), await bank.customer({ minor: 10_000n })];
    const payload = await dynamic(700n);
    expect(told(await pay(poor, payload))).toBe('INSUFFICIENT_FUNDS input.amount.amount');
    expect(told(await pay(rich, payload))).toBe('OK');
  });
  it('is not known before its copy is there, and then is, under the same key', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    const payload = await dynamic(700n, { arrives: false });
    const read = readTaelCode(payload);
    const key = uuidv7();
    expect(told(await pay(payer, payload, { key }))).toBe('NOT_FOUND QR_CODE input.payload');
    const event = {
      codeId: read.ok ? read.value.codeId! : '', merchantId: shop.merchantId, storeId: shop.storeId, currency: USD, amount: 700n,
      expiresAt: new Date(Date.now() + 60_000), occurredAt: new Date(),
    };
    for (let times = 0; times < 3; times += 1) await bank.receive('payment-code.created', event);
    expect(told(await pay(payer, payload, { key }))).toBe('OK');
  });
  it('is refused where it has expired, and where somebody wrote another amount into it', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    expect(told(await pay(payer, await dynamic(700n, { expiresAt: new Date(Date.now() - 1_000) })))).toBe('NOT_ALLOWED CODE_EXPIRED input.payload');
    expect(told(await pay(payer, await dynamic(1n, { copied: 700n })))).toBe('INVALID_INPUT QR_CODE input.payload');
    expect(told(await pay(payer, await dynamic(700n), { minor: 701n }))).toBe('INVALID_INPUT QR_AMOUNT input.amount.amount');
    expect(await bank.balance(payer.walletId)).toBe(10_000n);
  });
  it('cannot be paid a second time by the database itself', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    const payload = await dynamic(700n);
    const answer = await pay(payer, payload);
    const [use] = await bank.dataSource.query('SELECT * FROM payment_code_use WHERE "transactionId" = $1', [answer.ok && answer.transactionId]);
    const again = bank.dataSource.query('INSERT INTO payment_code_use VALUES ($1, $2)', [use.codeId, use.transactionId]);
    await expect(again).rejects.toMatchObject({ constraint: 'payment_code_use_pkey' });
    await expect(bank.dataSource.query('DELETE FROM payment_code_use')).rejects.toThrow('permission denied');
  });
  it('leaves the books sound', async () => {
    expect(breaches(await bank.verify())).toEqual([]);
  });
});
