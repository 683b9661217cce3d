import { v7 as uuidv7 } from 'uuid';
import { merchantInflowId, systemAccountId } from '../src/ledger/account.ids';
import { type Bank, breaches, type Customer, openBank, usd, USD } from './support/bank';

// Payments on a real Postgres: what concurrency may not break, and what a key promises.
describe('payments', () => {
  let bank: Bank;
  let merchantId: string;

  beforeAll(async () => {
    bank = await openBank('payments');
    merchantId = await bank.merchant();
  });
  afterAll(async () => {
    await bank.close();
  });

  const pay = (payer: Customer, minor: bigint, options: { key?: string; merchantId?: string; walletId?: string } = {}) =>
    bank.services.payments.pay(payer, {
      walletId: options.walletId ?? payer.walletId, merchantId: options.merchantId ?? merchantId, amount: usd(minor),
      description: undefined, idempotencyKey: options.key ?? uuidv7(),
    });
  const codes = (answer: Awaited<ReturnType<typeof pay>>) => (answer.ok ? 'OK' : answer.refusals.map((refusal) => refusal.code).join());

  it('takes the amount and the fee, in one transaction with its event', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    const answer = await pay(payer, 5_000n);
    expect(answer).toMatchObject({ ok: true });
    expect(await bank.balance(payer.walletId)).toBe(4_950n);
    const event = (await bank.events('payment.settled')).find(({ data }) => data.personId === payer.personId)!;
    expect(event.data).toMatchObject({
      transactionId: answer.ok && answer.transactionId, walletId: payer.walletId, merchantId, amount: 5_000n, fee: 50n, feeBeforeWaiver: 50n,
      waived: 0n, waiverCampaignId: null, ordinal: 1, balanceAfter: 4_950n, merchantCategoryCode: '5812',
    });
  });

  it('A2: refuses a key for another input or mutation, and keeps the keys of two people apart', async () => {
    const [a, b] = [await bank.customer({ minor: 10_000n }), await bank.customer({ minor: 10_000n })];
    const key = uuidv7();
    expect(codes(await pay(a, 1_000n, { key }))).toBe('OK');
    expect(codes(await pay(a, 1_001n, { key }))).toBe('IDEMPOTENCY_KEY_REUSED');
    const sent = await bank.services.transfers.send(a, {
      walletId: a.walletId, recipientEmail: b.email, amount: usd(1_000n), description: undefined, idempotencyKey: key,
    });
    expect(codes(sent)).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(codes(await pay(b, 1_000n, { key }))).toBe('OK');
    expect(await bank.balance(a.walletId)).toBe(8_990n);
    expect(await bank.balance(b.walletId)).toBe(8_990n);
  });

  it('keeps a refusal under its key when there is money later, and pays under a new one', async () => {
    const payer = await bank.customer({ minor: 500n });
    const friend = await bank.customer({ minor: 10_000n });
    const key = uuidv7();
    expect(codes(await pay(payer, 1_000n, { key }))).toBe('INSUFFICIENT_FUNDS');
    await bank.services.transfers.send(friend, {
      walletId: friend.walletId, recipientEmail: payer.email, amount: usd(5_000n), description: undefined, idempotencyKey: uuidv7(),
    });
    expect(codes(await pay(payer, 1_000n, { key }))).toBe('INSUFFICIENT_FUNDS');
    expect(codes(await pay(payer, 1_000n))).toBe('OK');
  });

  it('leaves the key free where the merchant is not known or not active yet', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    const late = uuidv7();
    const key = uuidv7();
    expect(codes(await pay(payer, 1_000n, { key, merchantId: late }))).toBe('NOT_FOUND');
    await bank.merchant({ merchantId: late, status: 'PENDING' });
    expect(codes(await pay(payer, 1_000n, { key, merchantId: late }))).toBe('NOT_FOUND');
    await bank.merchant({ merchantId: late, status: 'ACTIVE', version: 3 });
    expect(codes(await pay(payer, 1_000n, { key, merchantId: late }))).toBe('OK');
    await bank.merchant({ merchantId: late, status: 'SUSPENDED', version: 2 });
    expect(codes(await pay(payer, 1_000n, { merchantId: late }))).toBe('OK');
    await bank.merchant({ merchantId: late, status: 'SUSPENDED', version: 4 });
    expect(codes(await pay(payer, 1_000n, { merchantId: late }))).toBe('MERCHANT_NOT_ACTIVE');
  });

  it('tells of a merchant that was never active to nobody but its own people and operators, as merchant(id:) does', async () => {
    const stranger = await bank.customer({ minor: 10_000n });
    const owner = await bank.customer({ minor: 10_000n });
    const operator = { ...(await bank.customer({ minor: 10_000n })), operator: true };
    const quoteOf = async (payer: Customer, shop: string) => {
      const quoted = await bank.services.quotes.quote(payer, { walletId: payer.walletId, merchantId: shop, amount: usd(1_000n) });
      return quoted.ok ? 'OK' : quoted.refusals.map((refusal) => refusal.code).join();
    };
    const pending = await bank.merchant({ status: 'PENDING', people: [owner.personId] });
    const suspended = await bank.merchant({ status: 'SUSPENDED', version: 3, people: [owner.personId] });
    const answers = async (payer: Customer, shop: string) => [codes(await pay(payer, 1_000n, { merchantId: shop })), await quoteOf(payer, shop)];
    expect(await answers(stranger, pending)).toEqual(['NOT_FOUND', 'NOT_FOUND']);
    expect(await pay(stranger, 1_000n, { merchantId: pending })).toEqual(await pay(stranger, 1_000n, { merchantId: uuidv7() }));
    for (const payer of [owner, operator]) expect(await answers(payer, pending)).toEqual(['MERCHANT_NOT_ACTIVE', 'MERCHANT_NOT_ACTIVE']);
    // People who paid there know that it was there.
    for (const payer of [stranger, owner]) expect(await answers(payer, suspended)).toEqual(['MERCHANT_NOT_ACTIVE', 'MERCHANT_NOT_ACTIVE']);
    // Of a batch each payer hears what is theirs to know.
    expect((await Promise.all([stranger, owner, operator].map((payer) => pay(payer, 1_000n, { merchantId: pending })))).map(codes))
      .toEqual(['NOT_FOUND', 'MERCHANT_NOT_ACTIVE', 'MERCHANT_NOT_ACTIVE']);
  });

  it('A3: never overdraws: of a hundred concurrent payments as many pass as there is money for', async () => {
    const payer = await bank.customer({ minor: 10_100n });
    const answers = await Promise.all(Array.from({ length: 100 }, () => pay(payer, 1_000n)));
    expect(answers.filter((answer) => answer.ok)).toHaveLength(10);
    expect(new Set(answers.filter((answer) => !answer.ok).map(codes))).toEqual(new Set(['INSUFFICIENT_FUNDS']));
    expect(await bank.balance(payer.walletId)).toBe(0n);
  });

  it('A7: treats a wallet of somebody else, of another currency, or none at all', async () => {
    const [a, b] = [await bank.customer({ minor: 10_000n }), await bank.customer({ minor: 10_000n })];
    const euro = await bank.wallet(a.personId, 'EUR', 10_000n);
    expect(codes(await pay(a, 1_000n, { walletId: b.walletId }))).toBe('NOT_FOUND');
    expect(codes(await pay(a, 1_000n, { walletId: uuidv7() }))).toBe('NOT_FOUND');
    expect(codes(await pay(a, 1_000n, { walletId: "' OR 1=1 --" }))).toBe('NOT_FOUND');
    expect(codes(await pay(a, 1_000n, { walletId: systemAccountId('FEES', USD) }))).toBe('NOT_FOUND');
    expect(codes(await pay(a, 1_000n, { walletId: euro }))).toBe('CURRENCY_MISMATCH');
    expect(codes(await pay(a, 0n))).toBe('INVALID_INPUT');
    expect(codes(await pay(a, -1_000n))).toBe('INVALID_INPUT');
    expect(codes(await pay(a, 1_000n, { key: '' }))).toBe('INVALID_INPUT');
    expect(codes(await pay(a, 1_000n, { key: 'x'.repeat(256) }))).toBe('INVALID_INPUT');
    expect(codes(await pay(a, 1_000n, { key: 'nul \0 byte' }))).toBe('INVALID_INPUT');
    expect(await bank.balance(a.walletId)).toBe(10_000n);
  });

  describe('fee waivers', () => {
    let shop: string;
    beforeAll(async () => {
      shop = await bank.merchant({ categoryCode: '5411' });
    });

    it('waives one fee for two concurrent first payments', async () => {
      const campaignId = await bank.offer({ merchantIds: [shop], firstPaymentOnly: true, maximumRewardsPerUser: 1 });
      for (let round = 0; round < 5; round++) {
        const payer = await bank.customer({ minor: 100_000n });
        await Promise.all([pay(payer, 2_000n, { merchantId: shop }), pay(payer, 2_000n, { merchantId: shop })]);
        expect(await bank.balance(payer.walletId)).toBe(100_000n - 4_000n - 20n);
      }
      const [budget] = await bank.dataSource.query('SELECT spent FROM fee_waiver_budget WHERE "campaignId" = $1', [campaignId]);
      expect(budget.spent).toBe(100n);
      await bank.offer({ campaignId, version: 2, activeTimes: [{ from: new Date(0), to: new Date(1) }] });
    });

    it('never spends beyond the budget, however many pay at once, and charges the fee where it is gone', async () => {
      const campaignId = await bank.offer({ merchantIds: [shop], budget: 70n });
      const payers = await Promise.all(Array.from({ length: 20 }, () => bank.customer({ minor: 10_000n })));
      await Promise.all(payers.map((payer) => pay(payer, 2_000n, { merchantId: shop })));
      const balances = await Promise.all(payers.map((payer) => bank.balance(payer.walletId)));
      expect(balances.filter((balance) => balance === 8_000n)).toHaveLength(3);
      expect(balances.filter((balance) => balance === 7_980n)).toHaveLength(17);
      const waivers = (await bank.events('payment.settled')).filter(({ data }) => data.waiverCampaignId === campaignId);
      expect(waivers.map(({ data }) => data.waived)).toEqual([20n, 20n, 20n]);
    });

    it('keeps the cap of a person, and an older state of an offer never replaces a newer one', async () => {
      const campaignId = await bank.offer({ merchantIds: [shop], maximumRewardsPerUser: 2, version: 5 });
      await bank.offer({ campaignId, merchantIds: [shop], maximumRewardsPerUser: 9, version: 4 });
      const payer = await bank.customer({ minor: 100_000n });
      await Promise.all(Array.from({ length: 6 }, () => pay(payer, 2_000n, { merchantId: shop })));
      expect(await bank.balance(payer.walletId)).toBe(100_000n - 12_000n - 4n * 20n);
      await bank.offer({ campaignId, version: 6, activeTimes: [] });
    });

    it('quotes what is then charged, with the ordinal and category that rewards needs', async () => {
      const campaignId = await bank.offer({ merchantIds: [shop], firstPaymentOnly: true, maximumPerPayment: 15n });
      const payer = await bank.customer({ minor: 100_000n });
      const quoted = await bank.services.quotes.quote(payer, { walletId: payer.walletId, merchantId: shop, amount: usd(2_000n) });
      expect(quoted).toMatchObject({
        ok: true, quote: { fee: 5n, feeBeforeWaiver: 20n, total: 2_005n, paymentOrdinal: 1, merchantCategoryCode: '5411' },
      });
      const again = await bank.services.quotes.quote(payer, { walletId: payer.walletId, merchantId: shop, amount: usd(2_000n) });
      expect(again).toMatchObject({ ok: true, quote: { fee: 5n } });
      await pay(payer, 2_000n, { merchantId: shop });
      expect(await bank.balance(payer.walletId)).toBe(100_000n - 2_005n);
      const next = await bank.services.quotes.quote(payer, { walletId: payer.walletId, merchantId: shop, amount: usd(2_000n) });
      expect(next).toMatchObject({ ok: true, quote: { fee: 20n, paymentOrdinal: 2 } });
      const id = quoted.ok ? quoted.quote.id : '';
      expect(bank.services.quotes.open(payer.personId, id)).toMatchObject({ total: 2_005n, merchantId: shop });
      expect(bank.services.quotes.open(uuidv7(), id)).toBeUndefined();
      await bank.offer({ campaignId, version: 2, activeTimes: [] });
    });
  });

  describe('limits', () => {
    it('bounds one payment, and a day over payments and transfers together', async () => {
      const payer = await bank.customer({ minor: 50_000_000n });
      const friend = await bank.customer();
      expect(codes(await pay(payer, 1_000_001n))).toBe('LIMIT_EXCEEDED');
      const answers = await Promise.all(Array.from({ length: 9 }, () => pay(payer, 1_000_000n)));
      expect(answers.every((answer) => answer.ok)).toBe(true);
      const send = (minor: bigint) => bank.services.transfers.send(payer, {
        walletId: payer.walletId, recipientEmail: friend.email, amount: usd(minor), description: undefined, idempotencyKey: uuidv7(),
      });
      expect(codes(await send(999_999n))).toBe('OK');
      expect(await send(2n)).toEqual({
        ok: false, refusals: [{ code: 'LIMIT_EXCEEDED', reason: 'PER_DAY', field: ['input', 'amount', 'amount'] }],
      });
      expect(codes(await pay(payer, 1n))).toBe('OK');
      expect(codes(await pay(payer, 1n))).toBe('LIMIT_EXCEEDED');
    });

    it('never passes a cap by a unit, however many pay at once', async () => {
      const payer = await bank.customer({ minor: 50_000_000n });
      const answers = await Promise.all(Array.from({ length: 40 }, () => pay(payer, 900_000n)));
      expect(answers.filter((answer) => answer.ok)).toHaveLength(11);
    });

    it('is fenced by the table too', async () => {
      const payer = await bank.customer({ minor: 1_000n });
      await expect(bank.dataSource.query(
        `SELECT movement_count($1, 0, now(), '{day-amount-USD}', '{10}', '{9}')`, [payer.personId],
      )).rejects.toMatchObject({ constraint: 'limit_counter_cap' });
    });
  });

  it('numbers the payments of a person without a double, also from two wallets at once', async () => {
    for (let round = 0; round < 5; round++) {
      const payer = await bank.customer({ minor: 10_000n });
      const euro = await bank.wallet(payer.personId, 'EUR', 10_000n);
      await Promise.all([payer.walletId, euro, payer.walletId, euro].map((walletId, n) => bank.services.payments.pay(payer, {
        walletId, merchantId, amount: { minor: 1_000n, currency: (n % 2 === 0 ? 'USD' : 'EUR') as never }, description: undefined,
        idempotencyKey: uuidv7(),
      })));
      const ordinals = (await bank.events('payment.settled')).filter(({ data }) => data.personId === payer.personId).map(({ data }) => data.ordinal);
      expect(ordinals.sort()).toEqual([1, 2, 3, 4]);
    }
  });

  it('credits merchants of any currency in the currency of the payment', async () => {
    const payer = await bank.customer({ minor: 50_000n, currency: 'JPY' });
    const answer = await bank.services.payments.pay(payer, {
      walletId: payer.walletId, merchantId, amount: { minor: 3_000n, currency: 'JPY' as never }, description: undefined, idempotencyKey: uuidv7(),
    });
    expect(answer.ok).toBe(true);
    expect(await bank.balance(payer.walletId)).toBe(46_970n);
    expect(await bank.balance(merchantInflowId(merchantId, 'JPY' as never))).toBe(3_000n);
  });

  it('leaves sound books', async () => {
    expect(breaches(await bank.verify())).toEqual([]);
  });
});
