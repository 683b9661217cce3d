import { v7 as uuidv7 } from 'uuid';
import { type Bank, breaches, type Customer, openBank, usd } from './support/bank';

const AMOUNT = 2_000n;
const FEE = 20n;

// What a quote promised holds on a real Postgres, whatever becomes of the offer; and no more than that.
describe('a quote with a waived fee', () => {
  let bank: Bank;
  let shop: string;

  beforeAll(async () => {
    bank = await openBank('quotes');
    shop = await bank.merchant({ categoryCode: '5411' });
  });
  afterAll(async () => {
    await bank.close();
  });

  const quote = async (payer: Customer, minor = AMOUNT) => {
    const quoted = await bank.services.quotes.quote(payer, { walletId: payer.walletId, merchantId: shop, amount: usd(minor) });
    if (!quoted.ok) throw new Error('a quote was refused');
    return quoted.quote;
  };
  /** Pays, and gives the fee that was charged. */
  const feeOf = async (payer: Customer, options: { minor?: bigint; merchantId?: string } = {}) => {
    const answer = await bank.services.payments.pay(payer, {
      walletId: payer.walletId, merchantId: options.merchantId ?? shop, amount: usd(options.minor ?? AMOUNT), description: undefined,
      idempotencyKey: uuidv7(),
    });
    if (!answer.ok) throw new Error('a payment was refused');
    const [row] = await bank.dataSource.query('SELECT fee FROM ledger_tx WHERE id = $1', [answer.transactionId]);
    return row.fee as bigint;
  };
  const pause = (campaignId: string, change: object = {}) =>
    bank.offer({ campaignId, merchantIds: [shop], version: 2, activeTimes: [{ from: new Date(0), to: new Date() }], ...change });
  const promises = (payer: Customer) =>
    bank.dataSource.query('SELECT waived, "validUntil" FROM quote_promise WHERE "personId" = $1', [payer.personId]);
  const quotedAndPaused = async (terms: object = {}) => {
    const campaignId = await bank.offer({ merchantIds: [shop], ...terms });
    const payer = await bank.customer({ minor: 100_000n });
    const quoted = await quote(payer);
    expect(quoted.fee).toBe(0n);
    await pause(campaignId, terms);
    return { campaignId, payer, quoted };
  };

  it.each<[string, object]>([
    ['was paused', {}],
    ['ended', { endsAt: new Date(1) }],
    ['went to other merchants', { merchantIds: [uuidv7()] }],
    ['wants more', { minimumAmount: AMOUNT + 1n, activeTimes: [{ from: new Date(0), to: null }] }],
  ])('is kept where the offer %s, for that payment alone', async (_what, change) => {
    const { campaignId, payer } = await quotedAndPaused();
    await bank.offer({ campaignId, merchantIds: [shop], version: 3, activeTimes: [{ from: new Date(0), to: new Date() }], ...change });
    const other = await bank.customer({ minor: 100_000n });
    const elsewhere = await bank.merchant();
    expect(await feeOf(payer, { minor: AMOUNT - 1n })).toBe(FEE);
    expect(await feeOf(payer, { merchantId: elsewhere })).toBe(FEE);
    expect(await feeOf(other)).toBe(FEE);
    expect(await feeOf(payer)).toBe(0n);
    const waived = (await bank.events('payment.settled')).filter(({ data }) => data.waiverCampaignId === campaignId);
    expect(waived.map(({ data }) => [data.personId, data.waived, data.fee])).toEqual([[payer.personId, FEE, 0n]]);
  });

  it('is kept in the part that was waived', async () => {
    const terms = { maximumPerPayment: 15n };
    const campaignId = await bank.offer({ merchantIds: [shop], ...terms });
    const payer = await bank.customer({ minor: 100_000n });
    expect((await quote(payer)).fee).toBe(5n);
    await pause(campaignId, { maximumPerPayment: null });
    expect(await feeOf(payer)).toBe(5n);
  });

  it('promises nothing where there was none, and nothing of a fee that was not waived', async () => {
    const campaignId = await bank.offer({ merchantIds: [shop] });
    await pause(campaignId);
    const payer = await bank.customer({ minor: 100_000n });
    expect((await quote(payer)).fee).toBe(FEE);
    expect(await promises(payer)).toEqual([]);
    expect(await feeOf(payer)).toBe(FEE);
  });

  it('ends with its validity, and another quote does not make it longer', async () => {
    const { payer, quoted } = await quotedAndPaused();
    const again = await quote(payer);
    expect([again.fee, again.validUntil]).toEqual([0n, quoted.validUntil]);
    expect(await promises(payer)).toEqual([{ waived: FEE, validUntil: quoted.validUntil }]);
    await bank.dataSource.query(
      'UPDATE quote_promise SET "validUntil" = clock_timestamp() WHERE "personId" = $1', [payer.personId],
    );
    expect((await quote(payer)).fee).toBe(FEE);
    expect(await feeOf(payer)).toBe(FEE);
  });

  it('is renewed by another quote while the offer stands, and never made shorter', async () => {
    const campaignId = await bank.offer({ merchantIds: [shop] });
    const payer = await bank.customer({ minor: 100_000n });
    const first = await quote(payer);
    await bank.dataSource.query(
      `UPDATE quote_promise SET "validUntil" = now() - interval '1 second', waived = 999 WHERE "personId" = $1`, [payer.personId],
    );
    const second = await quote(payer);
    expect(second.validUntil.getTime()).toBeGreaterThanOrEqual(first.validUntil.getTime());
    expect(await promises(payer)).toEqual([{ waived: FEE, validUntil: second.validUntil }]);
    await bank.offer({ campaignId, merchantIds: [shop], version: 2, endsAt: new Date(Date.now() + 60_000), maximumPerPayment: 5n });
    const third = await quote(payer);
    expect([third.fee, third.validUntil]).toEqual([0n, second.validUntil]);
    expect(await promises(payer)).toEqual([{ waived: FEE, validUntil: second.validUntil }]);
    await pause(campaignId, { version: 3 });
  });

  it('does not outlive the use of the waiver by a payment in between', async () => {
    const capped = await quotedAndPaused({ maximumRewardsPerUser: 1 });
    expect(await feeOf(capped.payer)).toBe(0n);
    expect(await feeOf(capped.payer)).toBe(FEE);

    const campaignId = await bank.offer({ merchantIds: [shop], firstPaymentOnly: true });
    const newcomer = await bank.customer({ minor: 100_000n });
    expect((await quote(newcomer)).fee).toBe(0n);
    expect(await feeOf(newcomer, { merchantId: await bank.merchant() })).toBe(FEE);
    await pause(campaignId, { firstPaymentOnly: true });
    expect(await feeOf(newcomer)).toBe(FEE);
  });

  it('does not stretch the budget: who comes later pays the fee', async () => {
    const campaignId = await bank.offer({ merchantIds: [shop], budget: FEE });
    const [a, b] = [await bank.customer({ minor: 100_000n }), await bank.customer({ minor: 100_000n })];
    expect([(await quote(a)).fee, (await quote(b)).fee]).toEqual([0n, 0n]);
    await pause(campaignId, { budget: FEE });
    const fees = await Promise.all([feeOf(a), feeOf(b)]);
    expect(fees.sort()).toEqual([0n, FEE]);
  });

  it('waives one fee for two concurrent payments where one use was left', async () => {
    for (let round = 0; round < 5; round++) {
      const { payer } = await quotedAndPaused({ maximumRewardsPerUser: 1 });
      const fees = await Promise.all([feeOf(payer), feeOf(payer)]);
      expect(fees.sort()).toEqual([0n, FEE]);
    }
  });

  it('is not given where its promise cannot be kept', async () => {
    const campaignId = await bank.offer({ merchantIds: [shop] });
    const payer = await bank.customer({ minor: 100_000n });
    await bank.asOwner('ALTER TABLE quote_promise ADD CONSTRAINT broken CHECK (false) NOT VALID');
    await expect(quote(payer)).rejects.toMatchObject({ constraint: 'broken' });
    await bank.asOwner('ALTER TABLE quote_promise DROP CONSTRAINT broken');
    expect((await quote(payer)).fee).toBe(0n);
    await pause(campaignId);
  });

  it('leaves no row for long: quotes remove what others left, and can be asked for at once', async () => {
    const campaignId = await bank.offer({ merchantIds: [shop] });
    const payer = await bank.customer({ minor: 100_000n });
    for (let minor = 1_000n; minor < 1_010n; minor++) await quote(payer, minor);
    await bank.dataSource.query(`UPDATE quote_promise SET "validUntil" = now() - interval '1 hour' WHERE "personId" = $1`, [payer.personId]);
    const others = await Promise.all(Array.from({ length: 8 }, () => bank.customer()));
    await Promise.all([...others, payer, payer].map((person) => quote(person, 1_000n)));
    await quote(others[0]!, 1_001n);
    const left = await bank.dataSource.query(`SELECT amount FROM quote_promise WHERE "personId" = $1`, [payer.personId]);
    expect(left).toEqual([{ amount: 1_000n }]);
    await pause(campaignId);
  });

  it('leaves sound books', async () => {
    expect(breaches(await bank.verify())).toEqual([]);
  });
});
