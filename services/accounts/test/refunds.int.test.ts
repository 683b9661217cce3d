import { v7 as uuidv7 } from 'uuid';
import { merchantInflowId } from '../src/ledger/account.ids';
import type { Caller } from '../src/transactions/transaction.domain';
import { type Bank, breaches, type Customer, openBank, usd, USD } from './support/bank';

// Refunds and transfers on a real Postgres.
describe('refunds and transfers', () => {
  let bank: Bank;
  let seller: Customer;
  let operator: Customer;
  let merchantId: string;

  beforeAll(async () => {
    bank = await openBank('refunds');
    seller = await bank.customer({ name: 'Grace' });
    operator = await bank.customer({ operator: true });
    merchantId = await bank.merchant({ people: [seller.personId] });
  });
  afterAll(async () => {
    await bank.close();
  });

  async function paid(payer: Customer, minor: bigint, shop = merchantId): Promise<string> {
    const answer = await bank.services.payments.pay(payer, {
      walletId: payer.walletId, merchantId: shop, amount: usd(minor), description: 'coffee', idempotencyKey: uuidv7(),
    });
    if (!answer.ok) throw new Error(JSON.stringify(answer.refusals));
    return answer.transactionId;
  }
  const refund = (caller: Caller, transactionId: string, minor?: bigint, key = uuidv7()) =>
    bank.services.refunds.refund(caller, {
      transactionId, amount: minor === undefined ? undefined : usd(minor), reason: undefined, idempotencyKey: key,
    });
  const send = (sender: Customer, recipientEmail: string, minor: bigint) =>
    bank.services.transfers.send(sender, {
      walletId: sender.walletId, recipientEmail, amount: usd(minor), description: undefined, idempotencyKey: uuidv7(),
    });
  const codes = (answer: Awaited<ReturnType<typeof refund>>) => (answer.ok ? 'OK' : answer.refusals.map((refusal) => refusal.code).join());

  it('gives the amount back and keeps the fee; the status follows the guard', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    const payment = await paid(payer, 6_000n);
    expect(codes(await refund(seller, payment, 2_000n))).toBe('OK');
    expect(await bank.services.transactions.viewOf(payment, payer)).toMatchObject({ status: 'PARTIALLY_REFUNDED', fee: 60n });
    expect(codes(await refund(operator, payment))).toBe('OK');
    expect(await bank.services.transactions.viewOf(payment, payer)).toMatchObject({ status: 'REFUNDED', amount: 6_000n });
    expect(await bank.balance(payer.walletId)).toBe(9_940n);
    expect(codes(await refund(operator, payment))).toBe('REFUND_EXCEEDS_PAYMENT');
    const events = (await bank.events('payment.refunded')).filter(({ data }) => data.paymentId === payment).map(({ data }) => data);
    expect(events).toMatchObject([
      { amount: 2_000n, refundedTotal: 2_000n, refundOrdinal: 1, paymentAmount: 6_000n, walletId: payer.walletId, personId: payer.personId },
      { amount: 4_000n, refundedTotal: 6_000n, refundOrdinal: 2, balanceAfter: 9_940n },
    ]);
  });

  it('stands in the trail of the merchant where an operator gives back, once, and not where it is refused or its own people do', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    const payment = await paid(payer, 6_000n);
    const trail = async () => {
      const rows = await bank.dataSource.query('SELECT * FROM audit_entry WHERE "subjectKind" = $1 AND "subjectId" = $2 ORDER BY id', ['MERCHANT', merchantId]);
      return (rows as { before: { paymentId: string } | null }[]).filter(({ before }) => before?.paymentId === payment);
    };
    const givesBack = (caller: Caller, minor: bigint | undefined, reason: string | undefined, key = uuidv7()) =>
      bank.services.refunds.refund(caller, { transactionId: payment, amount: minor === undefined ? undefined : usd(minor), reason, idempotencyKey: key });
    expect(codes(await givesBack(seller, 1_000n, 'cold'))).toBe('OK');
    const own = { ...operator, personId: payer.personId };
    expect([codes(await givesBack(own, 1_000n, 'mine')), codes(await givesBack(operator, 5_001n, 'too much'))]).toEqual(['NOT_ALLOWED', 'REFUND_EXCEEDS_PAYMENT']);
    expect(await trail()).toEqual([]);

    const key = uuidv7();
    const [first, again] = [await givesBack(operator, 2_000n, 'The shop is closed', key), await givesBack(operator, 2_000n, 'The shop is closed', key)];
    expect(again).toEqual(first);
    expect(codes(await givesBack(operator, undefined, ''))).toBe('OK');
    const refundIds = (await bank.events('payment.refunded')).filter(({ data }) => data.paymentId === payment).map(({ data }) => data.transactionId);
    expect(await trail()).toMatchObject([
      {
        actorId: operator.personId, action: 'PAYMENT_REFUNDED', reason: 'The shop is closed', at: expect.any(Date),
        before: { paymentId: payment, currency: 'USD', refunded: '1000' }, after: { paymentId: payment, currency: 'USD', refunded: '3000', refundId: refundIds[1] },
      },
      { actorId: operator.personId, action: 'PAYMENT_REFUNDED', reason: 'No reason was given.', before: { refunded: '3000' }, after: { refunded: '6000', refundId: refundIds[2] } },
    ]);
  });

  it('lets three of six concurrent refunds of a third each through', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    const payment = await paid(payer, 3_000n);
    const before = await bank.balance(merchantInflowId(merchantId, USD));
    const answers = await Promise.all(Array.from({ length: 6 }, () => refund(seller, payment, 1_000n)));
    expect(answers.filter((answer) => answer.ok)).toHaveLength(3);
    expect(answers.filter((answer) => !answer.ok).map(codes)).toEqual(Array(3).fill('REFUND_EXCEEDS_PAYMENT'));
    expect(await bank.balance(payer.walletId)).toBe(9_970n);
    expect(await bank.balance(merchantInflowId(merchantId, USD))).toBe(before - 3_000n);
  });

  it('lets a cashier give back 200.00 of a payment in all, and everybody else more', async () => {
    const [till, boss, payer] = [await bank.customer(), await bank.customer(), await bank.customer({ minor: 100_000n })];
    const shop = await bank.merchant({
      people: [till.personId, boss.personId],
      roles: [{ personId: till.personId, role: 'CASHIER' }, { personId: boss.personId, role: 'MANAGER' }],
    });
    const payment = await paid(payer, 50_000n, shop);
    expect(codes(await refund(till, payment))).toBe('LIMIT_EXCEEDED');
    expect(codes(await refund(till, payment, 20_001n))).toBe('LIMIT_EXCEEDED');
    expect(codes(await refund(till, payment, 15_000n))).toBe('OK');
    expect(codes(await refund(till, payment, 5_001n))).toBe('LIMIT_EXCEEDED');
    expect(codes(await refund(till, payment, 5_000n))).toBe('OK');
    expect(codes(await refund(till, payment, 1n))).toBe('LIMIT_EXCEEDED');
    expect(codes(await refund(boss, payment))).toBe('OK');
  });

  it('counts what all cashiers of it gave back of a payment, and not what others did', async () => {
    const [till, other, boss, payer] = [await bank.customer(), await bank.customer(), await bank.customer(), await bank.customer({ minor: 100_000n })];
    const shop = await bank.merchant({
      people: [till, other, boss].map(({ personId }) => personId),
      roles: [{ personId: till.personId, role: 'CASHIER' }, { personId: other.personId, role: 'CASHIER' }, { personId: boss.personId, role: 'MANAGER' }],
    });
    const payment = await paid(payer, 60_000n, shop);
    for (const by of [boss, operator]) expect(codes(await refund(by, payment, 15_000n))).toBe('OK');
    expect(codes(await refund(till, payment, 12_000n))).toBe('OK');
    expect(codes(await refund(other, payment, 8_001n))).toBe('LIMIT_EXCEEDED');
    // Of six who ask at once, two tills in turns, as many get through as there is left.
    const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => refund(n % 2 ? till : other, payment, 4_000n)));
    expect(answers.filter((answer) => answer.ok)).toHaveLength(2);
    expect(new Set(answers.filter((answer) => !answer.ok).map(codes))).toEqual(new Set(['LIMIT_EXCEEDED']));
    for (const by of [till, other]) expect(codes(await refund(by, payment, 1n))).toBe('LIMIT_EXCEEDED');
    expect(codes(await refund(boss, payment))).toBe('OK');
  });

  it('limits a cashier no longer who was made a manager, whatever comes late', async () => {
    const [till, payer] = [await bank.customer(), await bank.customer({ minor: 100_000n })];
    const merchant = (version: number, role: 'CASHIER' | 'MANAGER', merchantId?: string) =>
      bank.merchant({ ...(merchantId ? { merchantId } : {}), version, people: [till.personId], roles: [{ personId: till.personId, role }] });
    const shop = await merchant(1, 'CASHIER');
    const payment = await paid(payer, 30_000n, shop);
    await merchant(3, 'MANAGER', shop);
    await merchant(2, 'CASHIER', shop);
    expect(codes(await refund(till, payment))).toBe('OK');
  });

  it('refunds once a key', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    const payment = await paid(payer, 3_000n);
    const key = uuidv7();
    const answers = await Promise.all(Array.from({ length: 10 }, () => refund(seller, payment, 1_000n, key)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(codes(await refund(seller, payment, 999n, key))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await bank.balance(payer.walletId)).toBe(7_970n);
  });

  it('is for the merchant and operators; for others the payment does not exist', async () => {
    const [payer, stranger] = [await bank.customer({ minor: 10_000n }), await bank.customer()];
    const payment = await paid(payer, 1_000n);
    expect(codes(await refund(payer, payment))).toBe('NOT_ALLOWED');
    expect(codes(await refund(stranger, payment))).toBe('NOT_FOUND');
    expect(codes(await refund(seller, uuidv7()))).toBe('NOT_FOUND');
    expect(codes(await refund(seller, 'not an id'))).toBe('NOT_FOUND');
    expect(codes(await refund(seller, payment, 0n))).toBe('INVALID_INPUT');
    expect(codes(await refund(seller, payment, 1_001n))).toBe('REFUND_EXCEEDS_PAYMENT');
    const transfer = await send(payer, stranger.email, 100n);
    const transferId = transfer.ok ? transfer.transactionId : '';
    expect(codes(await refund(operator, transferId))).toBe('NOT_ALLOWED');
    expect(codes(await refund(seller, transferId))).toBe('NOT_FOUND');
    const foreign = await bank.services.refunds.refund(seller, {
      transactionId: payment, amount: { minor: 100n, currency: 'EUR' as never }, reason: undefined, idempotencyKey: uuidv7(),
    });
    expect(codes(foreign)).toBe('CURRENCY_MISMATCH');
  });

  it('sends money: one transaction, each side its own direction, balance and name', async () => {
    const [ada, bob] = [await bank.customer({ minor: 10_000n, name: 'Ada' }), await bank.customer({ minor: 1_000n, name: 'Bob' })];
    const answer = await send(ada, ` ${bob.email.toUpperCase()} `, 2_500n);
    const id = answer.ok ? answer.transactionId : '';
    expect(await bank.services.transactions.viewOf(id, ada)).toMatchObject({
      direction: 'OUT', balanceAfter: 7_500n, otherPersonId: bob.personId, ownerId: ada.personId,
    });
    expect(await bank.services.transactions.viewOf(id, bob)).toMatchObject({
      direction: 'IN', balanceAfter: 3_500n, otherPersonId: ada.personId, ownerId: ada.personId,
    });
    expect((await bank.events('transfer.received')).at(-1)!.data).toMatchObject({
      transactionId: id, personId: bob.personId, walletId: bob.walletId, counterpartyId: ada.personId, balanceAfter: 3_500n,
    });
  });

  it('refuses nobody, oneself, and somebody without a wallet in the currency', async () => {
    const ada = await bank.customer({ minor: 10_000n });
    const euro = await bank.customer({ currency: 'EUR' });
    expect(codes(await send(ada, 'nobody@example.com', 100n))).toBe('NOT_FOUND');
    expect(codes(await send(ada, ada.email, 100n))).toBe('INVALID_INPUT');
    expect(codes(await send(ada, euro.email, 100n))).toBe('NOT_FOUND');
    expect(codes(await send(ada, 'x'.repeat(100_000), 100n))).toBe('NOT_FOUND');
  });

  it('A5: has no deadlock between opposite transfers, refunds and payments of the same wallets', async () => {
    const [ada, bob] = [await bank.customer({ minor: 1_000_000n }), await bank.customer({ minor: 1_000_000n })];
    const payment = await paid(ada, 10_000n);
    const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => {
      if (i % 4 === 0) return send(ada, bob.email, 700n);
      if (i % 4 === 1) return send(bob, ada.email, 500n);
      return i % 4 === 2 ? refund(seller, payment, 100n) : paid(bob, 300n).then((id) => ({ ok: true as const, transactionId: id }));
    }));
    expect(answers.every((answer) => answer.ok)).toBe(true);
    expect(await bank.balance(ada.walletId)).toBe(1_000_000n - 10_100n - 7_000n + 5_000n + 1_000n);
    expect(await bank.balance(bob.walletId)).toBe(1_000_000n + 7_000n - 5_000n - 10n * 310n);
    const [{ deadlocks }] = await bank.dataSource.query('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()');
    expect(deadlocks).toBe(0n);
  });

  it('leaves sound books', async () => {
    expect(breaches(await bank.verify())).toEqual([]);
  });

  describe('a cashier\'s day', () => {
    const reasonOf = (answer: Awaited<ReturnType<typeof refund>>) => (answer.ok ? 'OK' : answer.refusals.map(({ reason }) => reason).join());
    const shopOf = (...tills: Customer[]) => bank.merchant({
      people: tills.map(({ personId }) => personId), roles: tills.map(({ personId }) => ({ personId, role: 'CASHIER' })),
    });
    /** Does something for each, twenty at a time: as many as there are connections. */
    const atOnce = async <T>(all: readonly T[], work: (one: T) => Promise<void>) => {
      const waiting = [...all];
      await Promise.all(Array.from({ length: 20 }, async () => {
        while (waiting.length > 0) await work(waiting.pop()!);
      }));
    };
    const paidBy = async (count: number, minor: bigint, shop: string) => {
      const payer = await bank.customer({ minor: 2n * BigInt(count) * minor });
      const ids: string[] = [];
      await atOnce(Array.from({ length: count }), async () => void ids.push(await paid(payer, minor, shop)));
      return { payer, ids };
    };

    it('lets exactly twenty of two hundred refunds through, which are its limit, twenty at a time on as many connections', async () => {
      const till = await bank.customer();
      const { payer, ids } = await paidBy(200, 10_000n, await shopOf(till));
      const before = await bank.balance(payer.walletId);
      const answers: Awaited<ReturnType<typeof refund>>[] = [];
      await atOnce(ids, async (id) => void answers.push(await refund(till, id)));
      expect(answers).toHaveLength(200);
      expect(answers.filter((answer) => answer.ok)).toHaveLength(20);
      expect(new Set(answers.filter((answer) => !answer.ok).map(reasonOf))).toEqual(new Set(['CASHIER_REFUND_DAY']));
      expect(await bank.balance(payer.walletId)).toBe(before + 200_000n);
      expect(await bank.dataSource.query('SELECT "limitId", used, cap FROM limit_counter WHERE "personId" = $1', [till.personId])).toEqual([
        { limitId: 'cashier-refund-day-USD', used: 200_000n, cap: 200_000n },
      ]);
      expect(breaches(await bank.verify())).toEqual([]);
    }, 120_000);

    it('is each cashier\'s own, at all shops together, and counts what is refused for nothing', async () => {
      const [till, other] = [await bank.customer(), await bank.customer()];
      const [shop, second] = [await shopOf(till, other), await shopOf(till)];
      const { ids: [large = '', ...rest] } = await paidBy(11, 20_000n, shop);
      for (const id of rest.slice(1)) expect(reasonOf(await refund(till, id))).toBe('OK');
      expect(codes(await refund(till, large, 20_001n))).toBe('REFUND_EXCEEDS_PAYMENT');
      const { ids: [elsewhere = ''] } = await paidBy(1, 20_000n, second);
      expect(reasonOf(await refund(till, elsewhere, 15_000n))).toBe('OK');
      expect(reasonOf(await refund(till, large, 5_001n))).toBe('CASHIER_REFUND_DAY');
      expect(reasonOf(await refund(till, large, 5_000n))).toBe('OK');
      expect(reasonOf(await refund(till, rest[0]!, 1n))).toBe('CASHIER_REFUND_DAY');
      expect(reasonOf(await refund(other, rest[0]!))).toBe('OK');
    });

    it('follows the version in force, also below what was given back', async () => {
      const till = await bank.customer();
      const { ids: [first = '', second = ''] } = await paidBy(2, 10_000n, await shopOf(till));
      expect(reasonOf(await refund(till, first, 9_000n))).toBe('OK');
      await bank.asOwner(
        `INSERT INTO limit_definition (id, version, currency, kinds, measure, "window", cap, "effectiveFrom", "enteredAt")
         SELECT id, 2, currency, kinds, measure, "window", 9500, clock_timestamp(), clock_timestamp() - interval '1 minute'
         FROM limit_definition WHERE id = 'cashier-refund-day-USD' AND version = 1`);
      expect(reasonOf(await refund(till, first, 501n))).toBe('CASHIER_REFUND_DAY');
      expect(reasonOf(await refund(till, first, 500n))).toBe('OK');
      await bank.asOwner(
        `INSERT INTO limit_definition (id, version, currency, kinds, measure, "window", cap, "effectiveFrom", "enteredAt")
         SELECT id, 3, currency, kinds, measure, "window", 100, clock_timestamp(), clock_timestamp() - interval '1 minute'
         FROM limit_definition WHERE id = 'cashier-refund-day-USD' AND version = 1`);
      expect(reasonOf(await refund(till, second, 1n))).toBe('CASHIER_REFUND_DAY');
      expect(reasonOf(await refund(operator, second))).toBe('OK');
      expect(breaches(await bank.verify())).toEqual([]);
      // What is counted and was never given back is told.
      await bank.asOwner('UPDATE limit_counter SET used = used - 1 WHERE "personId" = $1', [till.personId]);
      expect(breaches(await bank.verify())).toEqual([]);
      await bank.asOwner('UPDATE limit_counter SET used = cap, cap = cap WHERE "personId" = $1', [till.personId]);
      await bank.asOwner('UPDATE limit_counter SET used = used + 1, cap = cap + 1 WHERE "personId" = $1', [till.personId]);
      expect(breaches(await bank.verify()).join()).toContain('given back');
      await bank.asOwner('DELETE FROM limit_counter WHERE "personId" = $1', [till.personId]);
    });
  });
});
