import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { createLogger } from '@tael/platform/log';
import { eventually } from '@tael/testkit';
import pg from 'pg';
import type { Bank } from '../src/bank/bank.port';
import { BankOrderService } from '../src/bank-orders/bank-order.service';
import { BankStatementService } from '../src/bank-orders/bank-statement.service';
import { WithdrawalService } from '../src/withdrawals/withdrawal.service';
import { httpBankOf, type PeopleWorld, startPeopleWorld } from './people-world';
import { type Behaviour, bankOf, type Holder } from './support/bank-world';

let world: PeopleWorld;
let bank: ReturnType<typeof bankOf>;
let real: Bank;
let lines: string[];
let log: ReturnType<typeof createLogger>;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_bank_faults');
  bank = bankOf(world);
  real = httpBankOf(world);
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(String(chunk));
      done();
    },
  });
  log = createLogger({ service: 'test', level: 'error', destination: destination as never });
});
beforeEach(() => {
  lines = [];
});
afterEach(async () => {
  await bank.readStatement();
  expect(await bank.breaches()).toEqual([]);
});
afterAll(() => world.end());

/** An instance of its own, whose calls of the bank go through what the test puts in between. */
function instance(change: Partial<Bank>, skewMs = 0) {
  const { dataSource, app: { services } } = world;
  const through = { ...real, ...change };
  const bankOrders = new BankOrderService({ dataSource, sealer: services.sealer, bank: through, log, now: () => new Date(Date.now() + skewMs) });
  return {
    bankOrders, statement: new BankStatementService({ dataSource, bank: through, log }),
    withdrawals: new WithdrawalService({ dataSource, stepUps: services.stepUps, bankOrders }),
  };
}

const killed = (): never => {
  throw new Error('killed');
};
const caller = ({ id }: Holder) => ({ personId: id, operator: false, traceparent: '' });
const command = (holder: Holder, minor: bigint, key: string = randomUUID()) => ({
  walletId: holder.walletId, paymentMethodId: holder.accountId, amount: { minor, currency: 'USD' as never }, idempotencyKey: key,
});
async function dies(holder: Holder, change: Partial<Bank>, key = 'k'): Promise<void> {
  await expect(instance(change).withdrawals.withdraw(caller(holder), command(holder, 6_000n, key))).rejects.toThrow('killed');
}

/** Writes into the bank's own books, as the bank. */
async function atBank(sql: string, values: unknown[]): Promise<void> {
  const session = new pg.Client({ connectionString: world.sandboxUrl });
  await session.connect();
  await session.query(sql, values).finally(() => session.end());
}
const BOOK = `INSERT INTO bank_booking (booking_id, idempotency_key, kind, amount, currency) VALUES (gen_random_uuid(), $1, $2, $3, 'USD')`;
const linesOf = (key: string) => world.rows('SELECT kind, misfit FROM bank_statement_line WHERE "orderKey" = $1 ORDER BY position', [key]);

describe('an instance that dies', () => {
  it.each<[string, Partial<Bank>, number]>([
    ['before the order goes out', { submit: async () => killed() }, 0],
    ['after the bank has taken the order', { submit: async (order) => (await real.submit(order), killed()) }, 1],
  ])('%s: the order is carried out once', async (_when, change, taken) => {
    const holder = await bank.holder();
    await dies(holder, change);
    expect((await bank.atBank(holder)).orders).toHaveLength(taken);
    expect(await bank.balance(holder)).toBe(3_970n);
    // The dead worker's lease still stands: nobody calls the bank for it meanwhile.
    expect(await world.app.services.bankOrders.resolvePending()).toBe(0);
    await bank.due();
    const again = bank.withdraw(holder, '60.00', 'k');
    await world.app.services.bankOrders.resolvePending();
    expect(await again).toMatchObject({ transaction: { status: 'SETTLED' }, userErrors: [] });
    expect(await bank.atBank(holder)).toMatchObject({ orders: [{ status: 'SETTLED' }], bookings: [{ amount: '-6000' }] });
    expect(await bank.balance(holder)).toBe(3_970n);
  });

  it('after the bank has taken the order, which refuses it from then on: it is asked, and the order is settled', async () => {
    const holder = await bank.holder();
    await dies(holder, { submit: async (order) => (await real.submit(order), killed()) });
    await bank.due();
    await instance({ submit: async () => ({ status: 'refused' }) }).bankOrders.resolvePending();
    expect((await bank.orders(holder))[0]).toMatchObject({ status: 'SETTLED', failureReason: null });
    expect(await bank.balance(holder)).toBe(3_970n);
  });

  it('while it reads the statement: what was read counts once when it is read again, from the beginning', async () => {
    const holder = await bank.holder('statement-only');
    await bank.withdraw(holder, '60.00', 'k');
    await bank.readStatement();
    expect((await bank.orders(holder))[0]).toMatchObject({ status: 'SETTLED' });
    const before = await world.rows('SELECT count(*) AS n FROM bank_statement_line');
    await world.rows(`WITH c AS (UPDATE bank_statement_cursor SET position = 0 RETURNING 1) SELECT * FROM c`);
    const { statement } = instance({});
    await Promise.all([statement.readOn(), statement.readOn()]);
    await bank.readStatement();
    expect(lines.join('')).not.toContain('fits no order');
    expect(await world.rows('SELECT count(*) AS n FROM bank_statement_line')).toEqual(before);
    expect(await bank.balance(holder)).toBe(3_970n);
  });

  it('that was none, but slower than its lease: two send the order, and one is carried out and booked', async () => {
    const holder = await bank.holder();
    let slow: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (slow = resolve));
    const sent = instance({ submit: (order) => waiting.then(() => real.submit(order)) }).withdrawals.withdraw(caller(holder), command(holder, 6_000n));
    while ((await world.rows('SELECT 1 FROM bank_order WHERE "personId" = $1 AND attempts = 1', [holder.id])).length === 0);
    await bank.due();
    await world.app.services.bankOrders.resolvePending();
    slow();
    expect(await sent).toMatchObject({ ok: true, order: { status: 'SETTLED' } });
    expect((await bank.atBank(holder)).orders).toHaveLength(1);
    expect(await bank.balance(holder)).toBe(3_970n);
  });
});

describe('a worker that hears of a refusal when its lease is over', () => {
  /** Somebody's withdrawal in the hands of a worker that is refused, once it is let go; the lease is over by then. */
  async function stalled(behaviour: Behaviour) {
    const holder = await bank.holder(behaviour);
    let hears: () => void = () => undefined;
    const refused = new Promise<void>((resolve) => (hears = resolve));
    const sent = instance({ submit: () => refused.then(() => ({ status: 'refused' as const })) }).withdrawals.withdraw(caller(holder), command(holder, 6_000n));
    await eventually(async () => expect((await bank.orders(holder))[0]?.attempts).toBe(1));
    await bank.due();
    return { holder, answer: () => (hears(), sent) };
  }

  it('fails nothing that another worker has brought to the bank: the money does not come back, and is paid once', async () => {
    const { holder, answer } = await stalled('statement-only');
    await world.app.services.bankOrders.resolvePending();
    expect((await bank.atBank(holder)).orders).toHaveLength(1);
    expect((await bank.orders(holder))[0]).toMatchObject({ status: 'PENDING', attempts: 2 });
    expect(await answer()).toMatchObject({ ok: true, order: { status: 'PENDING' } });
    expect(await bank.balance(holder)).toBe(3_970n);
    await bank.readStatement();
    expect((await bank.orders(holder))[0]).toMatchObject({ status: 'SETTLED', failureReason: null });
    expect(lines.join('')).not.toContain('takes back what it said');
    expect(await bank.balance(holder)).toBe(3_970n);
    expect((await bank.atBank(holder)).bookings).toMatchObject([{ amount: '-6000' }]);
  });

  it('fails it where nobody else has it: no order can be at the bank', async () => {
    const { holder, answer } = await stalled('settle');
    expect(await answer()).toMatchObject({ ok: true, order: { status: 'FAILED', failureReason: 'BANK_REFUSED' } });
    expect(await bank.balance(holder)).toBe(10_000n);
    await world.app.services.bankOrders.resolvePending();
    expect((await bank.atBank(holder)).orders).toEqual([]);
  });
});

describe('an order that the bank never got', () => {
  it('is given up after ten minutes, once the bank has promised never to take it; and it does not', async () => {
    const holder = await bank.holder();
    await dies(holder, { submit: async () => killed() });
    await bank.due();
    const late = instance({}, 11 * 60_000);
    expect(await late.bankOrders.resolvePending()).toBe(1);
    expect((await bank.orders(holder))[0]).toMatchObject({ status: 'FAILED', failureReason: 'CANCELLED' });
    expect(await bank.balance(holder)).toBe(10_000n);
    const { id } = (await bank.orders(holder))[0]!;
    const [method] = await world.rows('SELECT token FROM payment_method WHERE id = $1', [holder.accountId]);
    const mandateId = world.app.services.sealer.open(String(method!['token']), holder.accountId);
    expect(await real.submit({ key: `order-${id}`, direction: 'CREDIT', mandateId, amount: 6_000n, currency: 'USD' })).toMatchObject({ reason: 'CANCELLED' });
    expect((await bank.atBank(holder)).bookings).toEqual([]);
  });

  it.each<[string, Partial<Bank>, string]>([
    ['has not got it', {}, 'FAILED'],
    // What it got before it fell silent, it carries out: the statement says so, whether it can be asked or not.
    ['got it before', { submit: async (order) => (await real.submit(order), killed()) }, 'SETTLED'],
  ])('of a bank that answers nothing for days is on its way; it is back, %s, and the clearing account is as it was', async (_what, change, status) => {
    const holder = await bank.holder();
    const clearing = await bank.systemBalance('BANK_CLEARING');
    await dies(holder, { submit: async () => killed(), ...change });
    const away = () => Promise.reject(new Error('no answer'));
    for (const days of [1, 3]) {
      await bank.due();
      await instance({ submit: away, status: away, cancel: away }, days * 24 * 3_600_000).bankOrders.resolvePending().catch(() => undefined);
      expect((await bank.orders(holder))[0]).toMatchObject({ status: 'PENDING' });
      expect(await bank.systemBalance('BANK_CLEARING')).not.toBe(clearing);
    }
    await bank.due();
    await instance({}, 3 * 24 * 3_600_000).bankOrders.resolvePending();
    expect((await bank.orders(holder))[0]).toMatchObject({ status });
    expect(await bank.systemBalance('BANK_CLEARING')).toBe(clearing);
    expect((await bank.atBank(holder)).bookings).toHaveLength(status === 'SETTLED' ? 1 : 0);
  });

  it('is not given up where it was settled meanwhile, nor where the bank does not answer', async () => {
    const holder = await bank.holder();
    await dies(holder, { submit: async (order) => (await real.submit(order), killed()) });
    const forgets = { status: async () => ({ status: 'unknown' }) as const };
    await bank.due();
    await instance({ ...forgets, cancel: () => Promise.reject(Object.assign(new Error('away'), { name: 'x' })) }, 11 * 60_000)
      .bankOrders.resolvePending().catch(() => undefined);
    expect((await bank.orders(holder))[0]).toMatchObject({ status: 'PENDING' });
    await bank.due();
    await instance(forgets, 11 * 60_000).bankOrders.resolvePending();
    expect((await bank.orders(holder))[0]).toMatchObject({ status: 'SETTLED' });
  });
});

describe('a statement that fits no order', () => {
  async function ended(behaviour: Behaviour, status: string): Promise<{ holder: Holder; key: string }> {
    const holder = await bank.holder(behaviour);
    await bank.withdraw(holder, '60.00', 'k');
    await bank.readStatement();
    const [order] = await bank.orders(holder);
    expect(order).toMatchObject({ status });
    return { holder, key: `order-${order!.id}` };
  }

  it.each([['somebody-else'], ['order-019aa000-0000-7000-8000-000000000000'], ["order-' OR 1=1 --"]])('of %s: the line is kept, and nothing moves', async (key) => {
    await atBank(BOOK, [key, 'BOOKED', '100']);
    await bank.readStatement();
    expect(await linesOf(key)).toEqual([{ kind: 'BOOKED', misfit: 'UNKNOWN_ORDER' }]);
    const settlement = await bank.systemBalance('BANK_SETTLEMENT');
    await bank.readStatement();
    expect(await bank.systemBalance('BANK_SETTLEMENT')).toBe(settlement);
  });

  it('booked twice under two names: the second is kept for a person', async () => {
    const { holder, key } = await ended('settle', 'SETTLED');
    await atBank(BOOK, [key, 'BOOKED', '-6000']);
    await bank.readStatement();
    expect(await linesOf(key)).toEqual([{ kind: 'BOOKED', misfit: null }, { kind: 'BOOKED', misfit: 'BOOKED_TWICE' }]);
    expect(await bank.balance(holder)).toBe(3_970n);
  });

  it.each([['another amount', '-6001'], ['the other direction', '6000']])('%s: it settles nothing', async (_what, amount) => {
    const holder = await bank.holder('silent');
    await bank.withdraw(holder, '60.00', 'k');
    const [order] = await bank.orders(holder);
    await atBank(BOOK, [`order-${order!.id}`, 'BOOKED', amount]);
    await bank.readStatement();
    expect(await linesOf(`order-${order!.id}`)).toEqual([{ kind: 'BOOKED', misfit: 'OTHER_AMOUNT' }]);
    expect((await bank.orders(holder))[0]).toMatchObject({ status: 'PENDING' });
  });

  it('booked after it was said to have failed: nothing is booked, and somebody is told', async () => {
    const { holder, key } = await ended('closed', 'FAILED');
    await atBank(BOOK, [key, 'BOOKED', '-6000']);
    await instance({}).statement.readOn();
    expect(await linesOf(key)).toEqual([{ kind: 'BOOKED', misfit: 'CONTRADICTS' }]);
    expect(await bank.balance(holder)).toBe(10_000n);
    expect(lines.join('')).toContain('takes back what it said');
  });

  it('is read by one instance at a time, and nobody waits for one that died with it', async () => {
    await world.rows(`WITH c AS (UPDATE bank_statement_cursor SET "leaseUntil" = now() + interval '30 seconds' RETURNING 1) SELECT * FROM c`);
    await atBank(BOOK, ['lease', 'BOOKED', '1']);
    expect(await instance({}).statement.readOn()).toBe(0);
    await world.rows(`WITH c AS (UPDATE bank_statement_cursor SET "leaseUntil" = now() RETURNING 1) SELECT * FROM c`);
    expect(await instance({}).statement.readOn()).toBeGreaterThan(0);
  });
});

describe('ledger:verify', () => {
  it.each<[string, Behaviour, string, RegExp]>([
    ['a withdrawal that is under way for the bank alone', 'settle', `status = 'PENDING', "endedAt" = NULL`, /what clears at the bank/],
    ['a settled withdrawal that says it failed', 'settle', `status = 'FAILED', "failureReason" = 'CANCELLED'`, /every withdrawal is booked/],
    ['a withdrawal of another amount', 'settle', 'amount = amount + 1', /every withdrawal is booked/],
    ['a withdrawal of another fee', 'settle', 'fee = fee + 1', /every withdrawal is booked/],
  ])('finds %s', async (_what, behaviour, set, found) => {
    const holder = await bank.holder(behaviour);
    await bank.withdraw(holder, '60.00', 'k');
    const [row] = await world.asOwner('SELECT * FROM bank_order WHERE "personId" = $1', [holder.id]);
    await world.asOwner(`UPDATE bank_order SET ${set} WHERE id = $1`, [row!['id']]);
    expect((await bank.breaches()).join()).toMatch(found);
    await world.asOwner(
      `UPDATE bank_order SET status = $2, "endedAt" = $3, "failureReason" = $4, amount = $5, fee = $6 WHERE id = $1`,
      [row!['id'], row!['status'], row!['endedAt'], row!['failureReason'], row!['amount'], row!['fee']],
    );
  });

  it.each<[string, string, RegExp]>([
    ['a top-up that is settled in the books alone', `status = 'PENDING', "endedAt" = NULL`, /every top-up from a bank account/],
    ['a debt that nobody booked', `status = 'RETURNED', "failureReason" = 'RETURNED', "returnedAt" = now(), owed = 1`, /what is receivable/],
  ])('finds %s', async (_what, set, found) => {
    const holder = await bank.holder('settle', '0.00');
    await bank.topUp(holder, '25.00', 'k');
    await world.asOwner(`UPDATE bank_order SET ${set} WHERE "personId" = $1`, [holder.id]);
    expect((await bank.breaches()).join()).toMatch(found);
    await world.asOwner(
      `UPDATE bank_order SET status = 'SETTLED', "endedAt" = now(), "failureReason" = NULL, "returnedAt" = NULL, owed = 0 WHERE "personId" = $1`, [holder.id],
    );
  });
});
