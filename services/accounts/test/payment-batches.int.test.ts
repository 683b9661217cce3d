import { inTransaction, ranOutOfTime } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { accountsDataSource } from '../src/data-source';
import { merchantInflowId, systemAccountId } from '../src/ledger/account.ids';
import { foldOnce } from '../src/ledger/ledger.folder';
import { postBatch } from '../src/ledger/ledger.service';
import { bookPayments, type PaymentAnswer, type PaymentOrder } from '../src/payments/payment-batch.service';
import { PaymentResolver } from '../src/payments/payment.resolver';
import { PaymentService } from '../src/payments/payment.service';
import { bookGrants } from '../src/reward-postings/grant-batch.service';
import { type Bank, breaches, type Customer, openBank, usd, USD } from './support/bank';

/** Batches that race for the same people's locks. */
const LANES = 20;

/** Rows of a table that is cheapest to read whole, and of one that is not. */
const SMALL = 300;
const FILLED = 20_000;

// What holds for many payments in one transaction, on a real Postgres: each of the traps that batching can fall into.
describe('payments in batches', () => {
  let bank: Bank;
  let merchantId: string;

  beforeAll(async () => {
    bank = await openBank('payment-batches');
    merchantId = await bank.merchant();
  });
  afterAll(async () => {
    await bank.close();
  });

  const orderOf = (payer: Customer, minor: bigint, change: Partial<PaymentOrder> & { key?: string } = {}): PaymentOrder => {
    const transactionId = uuidv7();
    const walletId = change.walletId ?? payer.walletId;
    const merchant = change.merchantId ?? merchantId;
    return {
      transactionId, personId: payer.personId, operator: false, traceparent: '', walletId, merchantId: merchant, amount: usd(minor),
      description: undefined, sealed: undefined,
      claim: {
        scope: payer.personId, key: change.key ?? uuidv7(), mutation: 'payMerchant', transactionId,
        input: { walletId, merchantId: merchant, minor: String(minor), currency: 'USD', description: null },
      },
    };
  };
  const codeOf = (answer: PaymentAnswer | undefined) => (answer?.ok ? 'OK' : answer?.refusals[0]?.code);
  const customers = (count: number, minor: bigint) =>
    Promise.all(Array.from({ length: count }, () => bank.customer({ minor })));
  const service = (dataSource = bank.dataSource, waitingMax?: number) => new PaymentService({
    dataSource, sealer: bank.sealer, stepUps: bank.services.stepUps, ...(waitingMax ? { waitingMax } : {}),
  });
  const command = (payer: Customer, minor: bigint, idempotencyKey: string = uuidv7()) => ({
    walletId: payer.walletId, merchantId, amount: usd(minor), description: undefined, idempotencyKey,
  });
  const keysOf = (payer: Customer): Promise<{ refusals: unknown; transactionId: string | null }[]> =>
    bank.dataSource.query('SELECT refusals, "transactionId" FROM idempotency WHERE scope = $1', [payer.personId]);

  it('decide each payment for itself, in one commit: what one refuses, its neighbours do not feel', async () => {
    const [rich, poor, lost, late] = await customers(4, 10_000n) as [Customer, Customer, Customer, Customer];
    const orders = [
      orderOf(rich, 5_000n), orderOf(poor, 10_000n), orderOf(lost, 1_000n, { merchantId: uuidv7() }), orderOf(late, 2_000n),
    ];
    const answers = await bookPayments(bank.dataSource, orders);
    expect(answers.map(codeOf)).toEqual(['OK', 'INSUFFICIENT_FUNDS', 'NOT_FOUND', 'OK']);
    expect(await Promise.all([rich, poor, lost, late].map(({ walletId }) => bank.balance(walletId)))).toEqual([
      4_950n, 10_000n, 10_000n, 7_980n,
    ]);
    const commits = await bank.dataSource.query('SELECT DISTINCT xmin::text FROM ledger_tx WHERE id = ANY ($1::uuid[])', [
      [orders[0]!.transactionId, orders[3]!.transactionId],
    ]);
    expect(commits).toHaveLength(1);
    expect(await keysOf(poor)).toEqual([{ refusals: [expect.objectContaining({ code: 'INSUFFICIENT_FUNDS' })], transactionId: null }]);
    expect(await keysOf(lost)).toEqual([]);
    expect((await bookPayments(bank.dataSource, orders)).map(codeOf)).toEqual(['OK', 'INSUFFICIENT_FUNDS', 'NOT_FOUND', 'OK']);
    expect(await bank.balance(rich.walletId)).toBe(4_950n);
  });

  it('show the new transaction as the database would', async () => {
    const [payer] = await customers(1, 10_000n);
    const answer = await service().pay(payer!, { ...command(payer!, 1_234n), description: 'two coffees' });
    if (!answer.ok) throw new Error('refused');
    const read = await bank.services.transactions.viewOf(answer.transactionId, payer!);
    expect({ ...answer.record, recordedAt: undefined }).toMatchObject({
      id: read!.id, kind: read!.kind, status: read!.status, currency: read!.currency, amount: read!.amount, fee: read!.fee,
      balanceAfter: read!.balanceAfter, description: read!.description, merchantId: read!.merchantId, personId: read!.ownerId,
    });
    expect(answer.record!.recordedAt).toEqual(read!.createdAt);
  });

  it('pay each key once where two processes race for the same two hundred, in opposite order', async () => {
    const payers = await customers(40, 100_000n);
    const other = await accountsDataSource({ url: bank.url, poolSize: 4 }).initialize();
    const wishes = payers.flatMap((payer) => Array.from({ length: 5 }, () => ({ payer, key: uuidv7() })));
    const [here, there] = [service(), service(other)];
    const answers = await Promise.all([
      ...wishes.map(({ payer, key }) => here.pay(payer, command(payer, 1_000n, key))),
      ...[...wishes].reverse().map(({ payer, key }) => there.pay(payer, command(payer, 1_000n, key))),
    ]);
    await other.destroy();
    expect(answers.map(codeOf).filter((code) => code !== 'OK')).toEqual([]);
    expect(new Set(answers.map((answer) => answer.ok && answer.transactionId)).size).toBe(wishes.length);
    expect(new Set(await Promise.all(payers.map(({ walletId }) => bank.balance(walletId))))).toEqual(new Set([100_000n - 5n * 1_010n]));
  });

  it('take their locks in one order: batches of the same people in any order never break each other off', async () => {
    const payers = await customers(24, 1_000_000n);
    const deadlocks = async () => (await bank.dataSource.query(
      'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
    ))[0].deadlocks as bigint;
    const before = await deadlocks();
    // A connection a lane: they wait for each other's locks, never for the pool.
    const own = await accountsDataSource({ url: bank.url, poolSize: LANES }).initialize();
    // Nineteen others may hold a lock for longer than a batch waits for it: then it comes again, under the same keys.
    const book = async (orders: PaymentOrder[]): Promise<PaymentAnswer[]> => {
      for (;;) {
        try {
          return await bookPayments(own, orders);
        } catch (error) {
          if (!ranOutOfTime(error)) throw error;
        }
      }
    };
    const lane = async (index: number) => {
      const answers: PaymentAnswer[] = [];
      for (let n = 0; n < 5; n++) {
        const orders = payers.map((payer) => orderOf(payer, 100n));
        const turned = [...orders.slice(index), ...orders.slice(0, index)];
        answers.push(...await book(index % 2 ? turned : turned.reverse()));
      }
      return answers;
    };
    const answers = (await Promise.all(Array.from({ length: LANES }, (_none, index) => lane(index)))).flat();
    await own.destroy();
    expect(answers).toHaveLength(LANES * 5 * payers.length);
    expect(answers.map(codeOf).filter((code) => code !== 'OK')).toEqual([]);
    expect(await bank.balance(payers[0]!.walletId)).toBe(1_000_000n - BigInt(LANES) * 5n * 110n);
    await bank.dataSource.query('SELECT pg_stat_force_next_flush()');
    expect(await deadlocks()).toBe(before);
  });

  it('fail alone: a payment that breaks a constraint does not take its neighbours with it', async () => {
    const payers = await customers(6, 10_000n);
    const poisoned = payers[3]!;
    await bank.asOwner(`CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'poison' USING ERRCODE = 'check_violation'; END $$`);
    await bank.asOwner(`CREATE TRIGGER poison BEFORE INSERT ON ledger_tx FOR EACH ROW
      WHEN (NEW."personId" = '${poisoned.personId}') EXECUTE FUNCTION poison()`);
    const payments = service();
    const answers = await Promise.allSettled(payers.map((payer) => payments.pay(payer, command(payer, 1_000n))));
    await bank.asOwner('DROP TRIGGER poison ON ledger_tx');
    expect(answers.map((answer) => (answer.status === 'fulfilled' ? codeOf(answer.value) : 'fault'))).toEqual(
      payers.map((payer) => (payer === poisoned ? 'fault' : 'OK')),
    );
    expect(await keysOf(poisoned)).toEqual([]);
    expect(codeOf(await payments.pay(poisoned, command(poisoned, 1_000n)))).toBe('OK');
  });

  it('do not wait for the one whose rows somebody holds: the others are paid meanwhile', async () => {
    const payers = await customers(6, 10_000n);
    const held = payers[3]!;
    const payments = service();
    const holder = bank.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT 1 FROM person_counter WHERE "personId" = $1 FOR UPDATE', [held.personId]);
    const answers = payers.map((payer) => payments.pay(payer, command(payer, 1_000n)));
    const others = await Promise.all(answers.filter((_answer, index) => payers[index] !== held));
    expect(others.map(codeOf)).toEqual(Array(5).fill('OK'));
    expect(await keysOf(held)).toEqual([]);
    await holder.rollbackTransaction();
    await holder.release();
    expect(codeOf(await answers[3])).toBe('OK');
  });

  it('answer again what was paid or refused before, among fresh ones, and lock nothing for it', async () => {
    const [paid, poor, fresh, other] = await customers(4, 10_000n) as [Customer, Customer, Customer, Customer];
    const [first, refused] = [orderOf(paid, 1_000n), orderOf(poor, 20_000n)];
    const before = await bookPayments(bank.dataSource, [first, refused]);
    expect(before.map(codeOf)).toEqual(['OK', 'INSUFFICIENT_FUNDS']);
    const again = [
      orderOf(fresh, 2_000n), { ...first, transactionId: uuidv7() }, orderOf(other, 3_000n), { ...refused, transactionId: uuidv7() },
    ];
    const holder = bank.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT 1 FROM account WHERE id = ANY ($1::uuid[]) FOR UPDATE', [[paid.walletId, poor.walletId]]);
    try {
      const answers = await bookPayments(bank.dataSource, again);
      expect(answers.map(codeOf)).toEqual(['OK', 'OK', 'OK', 'INSUFFICIENT_FUNDS']);
      expect(answers.map((answer) => answer.ok && answer.transactionId)).toEqual([
        again[0]!.transactionId, first.transactionId, again[2]!.transactionId, false,
      ]);
      const alone = await bookPayments(bank.dataSource, [{ ...first, transactionId: uuidv7() }]);
      expect(alone).toEqual([expect.objectContaining({ ok: true, transactionId: first.transactionId })]);
    } finally {
      await holder.rollbackTransaction();
      await holder.release();
    }
    expect(await Promise.all([paid, fresh, other].map(async (payer) => (await keysOf(payer)).length))).toEqual([1, 1, 1]);
  });

  it('spend a budget for two only twice, whoever is in the batch', async () => {
    const campaignId = await bank.offer({ budget: 25n, merchantIds: [merchantId] });
    const payers = await customers(5, 10_000n);
    const answers = await bookPayments(bank.dataSource, payers.map((payer) => orderOf(payer, 1_000n)));
    const fees = answers.map((answer) => answer.ok && answer.record!.fee).sort();
    expect(fees).toEqual([0n, 0n, 10n, 10n, 10n]);
    const [budget] = await bank.dataSource.query('SELECT spent FROM fee_waiver_budget WHERE "campaignId" = $1', [campaignId]);
    expect(budget.spent).toBe(20n);
  });

  it('waive the fee of a first payment for whoever makes one, beside those who have paid before', async () => {
    const shop = await bank.merchant();
    const [old, fresh, newer] = await customers(3, 10_000n) as [Customer, Customer, Customer];
    await bookPayments(bank.dataSource, [orderOf(old, 1_000n, { merchantId: shop })]);
    await bank.offer({ merchantIds: [shop], firstPaymentOnly: true });
    const fees = async (...payers: Customer[]) =>
      (await bookPayments(bank.dataSource, payers.map((payer) => orderOf(payer, 1_000n, { merchantId: shop })))).map((answer) => answer.ok && answer.record!.fee);
    expect(await fees(old, fresh)).toEqual([10n, 0n]);
    expect(await fees(newer, old, fresh)).toEqual([0n, 10n, 10n]);
    expect(await fees(newer)).toEqual([10n]);
  });

  it('write running balances where one batch moves a wallet twice', async () => {
    const [a, b] = await customers(2, 1_000n) as [Customer, Customer];
    const transfer = (minor: bigint) => ({
      id: uuidv7(), kind: 'TRANSFER' as const, currency: USD, amount: minor, personId: a.personId, walletId: a.walletId,
      counterpartyId: b.personId, counterWalletId: b.walletId, legs: [{ debit: a.walletId, credit: b.walletId, amount: minor }],
    });
    const transfers = [transfer(300n), transfer(500n)];
    const post = () => bank.dataSource.transaction(async (tx) => {
      const [{ now }] = await tx.query('SELECT to_json(clock_timestamp()) AS now');
      return postBatch(tx, now, transfers);
    });
    expect(await post()).toEqual(new Map([[a.walletId, 200n], [b.walletId, 1_800n]]));
    const entries = await bank.dataSource.query(
      'SELECT "postedAfter" AS after FROM entry WHERE "accountId" = $1 AND amount < 0 ORDER BY "accountVersion"', [a.walletId],
    );
    expect(entries).toEqual([{ after: 700n }, { after: 200n }]);
    const [systemAccount, inflow] = [systemAccountId('FEES', USD), merchantInflowId(merchantId, USD)];
    await foldOnce(bank.dataSource);
    expect(await bank.balance(systemAccount)).toBeGreaterThan(0n);
    expect(await bank.balance(inflow)).toBeGreaterThan(0n);
  });

  it('refuse at once with SERVICE_BUSY where too many wait, and pay again when there is room', async () => {
    const payers = await customers(4, 10_000n);
    const payments = service(bank.dataSource, 1);
    const resolver = new PaymentResolver(payments);
    const contextOf = ({ personId }: Customer) => ({
      identity: { principal: { personId, sessionId: personId, roles: ['CUSTOMER'] }, locale: 'en', traceparent: '' },
    }) as never;
    const inputOf = (payer: Customer) => ({ ...command(payer, 1_000n), amount: { amount: '10.00', currency: 'USD' }, description: null });
    const holder = bank.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT 1 FROM person_counter WHERE "personId" = ANY ($1::uuid[]) FOR UPDATE', [payers.map((payer) => payer.personId)]);
    const waiting = payers.slice(0, 3).map((payer) => resolver.payMerchant(inputOf(payer), contextOf(payer)));
    await eventually(async () => {
      const [{ rows }] = await bank.dataSource.query(
        `SELECT count(*) AS rows FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      expect(rows).toBe(2n);
    });
    await expect(resolver.payMerchant(inputOf(payers[3]!), contextOf(payers[3]!))).rejects.toMatchObject({
      extensions: { code: 'SERVICE_BUSY', retryable: true },
    });
    await holder.rollbackTransaction();
    await holder.release();
    for (const answer of await Promise.all(waiting)) expect(answer.transaction).toBeDefined();
    expect((await resolver.payMerchant(inputOf(payers[3]!), contextOf(payers[3]!))).transaction).toBeDefined();
  });

  it('leave sound books', async () => {
    expect(breaches(await bank.verify())).toEqual([]);
  });
});

// A plan that was made while the tables were empty, or had a page that it is cheapest to read whole, must not read them
// whole when they are full.
describe.each(['empty', 'small'])('plans of a batch made while the tables were %s', (size) => {
  let bank: Bank;
  let lone: DataSource;

  beforeAll(async () => {
    bank = await openBank(`payment-plans-${size}`);
    lone = await accountsDataSource({ url: bank.url, poolSize: 1 }).initialize();
  });
  afterAll(async () => {
    await lone.destroy();
    await bank.close();
  });

  it('touch as few rows in full tables as in empty ones', async () => {
    const payments = new PaymentService({ dataSource: lone, sealer: bank.sealer, stepUps: bank.services.stepUps });
    const merchantId = await bank.merchant();
    const [first, second] = [await bank.customer({ minor: 100_000n }), await bank.customer({ minor: 10_000n })];
    const pay = async (payer: Customer) => (await payments.pay(payer, {
      walletId: payer.walletId, merchantId, amount: usd(1_000n), description: undefined, idempotencyKey: uuidv7(),
    })).ok;
    const payAndFold = async (payer: Customer): Promise<void> => {
      expect(await pay(payer)).toBe(true);
      expect(await foldOnce(lone)).toBeGreaterThan(0);
    };
    const fill = async (rows: number): Promise<void> => {
      await lone.query(`INSERT INTO account (id, asset, purpose, "ownerId", "postingMode", "minAvailable", "debitsPosted", "creditsPosted",
          "debitsPending", "creditsPending", version, "openedAt")
        SELECT gen_random_uuid(), 'USD', 'WALLET', gen_random_uuid(), 'STRICT', 0, 0, 0, 0, 0, 0, now() FROM generate_series(1, $1::int)`, [rows]);
      await lone.query('INSERT INTO person_counter SELECT gen_random_uuid(), 0 FROM generate_series(1, $1::int)', [rows]);
      await lone.query(`INSERT INTO idempotency SELECT gen_random_uuid(), n::text, 'payMerchant', '', gen_random_uuid(), NULL, now()
        FROM generate_series(1, $1::int) n`, [rows]);
      await lone.query(`INSERT INTO limit_counter SELECT $1, 'day-amount-USD', current_date - n, 1, 1 FROM generate_series(1, $2::int) n
        ON CONFLICT DO NOTHING`, [second.personId, rows]);
    };
    await payAndFold(first);
    if (size === 'small') {
      await fill(SMALL);
      await lone.query('ANALYZE');
      await payAndFold(first);
    }
    await fill(FILLED);
    const read = async (): Promise<bigint> => {
      await lone.query('SELECT pg_stat_force_next_flush()');
      const [row] = await lone.query(`SELECT sum(seq_tup_read + idx_tup_fetch)::bigint AS rows FROM pg_stat_user_tables
        WHERE relname IN ('account', 'person_counter', 'idempotency', 'limit_counter')`);
      return row.rows;
    };
    const before = await read();
    await payAndFold(second);
    expect((await read()) - before).toBeLessThan(200n);
  });

  it('touch as few grants where there are many', async () => {
    const handle = async (person: Customer): Promise<void> => {
      const grant = {
        grantId: uuidv7(), kind: 'CASHBACK', campaignId: uuidv7(), personId: person.personId, walletId: person.walletId,
        orderKey: person.walletId, currency: USD, amount: 10n, sourceTransactionId: uuidv7(), occurredAt: new Date(),
      } as const;
      const event = { id: uuidv7(), type: 'benefit.granted', source: 'test', time: new Date(), traceparent: '', data: grant } as const;
      await inTransaction(lone, (tx) => bookGrants(tx, [event]));
    };
    const person = await bank.customer();
    await handle(person);
    const fill = async (rows: number): Promise<void> => {
      await lone.query(`INSERT INTO reward_grant SELECT r.* FROM (SELECT t FROM reward_grant t LIMIT 1) one, generate_series(1, $1::int) n,
        jsonb_populate_record(one.t, jsonb_build_object('grantId', md5(n || $2))) r`, [rows, String(rows)]);
      await lone.query(`INSERT INTO reward_debt SELECT gen_random_uuid(), 'USD', 1 FROM generate_series(1, $1::int)`, [rows]);
    };
    if (size === 'small') {
      await fill(SMALL);
      await lone.query('ANALYZE');
      await handle(person);
    }
    await fill(FILLED);
    for (const table of ['reward_grant', 'reward_debt']) {
      expect((await lone.query(`SELECT count(*)::int AS rows FROM ${table}`))[0].rows).toBeGreaterThanOrEqual(FILLED);
    }
    const read = async (): Promise<bigint> => {
      await lone.query('SELECT pg_stat_force_next_flush()');
      const [row] = await lone.query(`SELECT sum(seq_tup_read + idx_tup_fetch)::bigint AS rows FROM pg_stat_user_tables
        WHERE relname IN ('reward_grant', 'reward_debt')`);
      return row.rows;
    };
    const before = await read();
    await handle(person);
    expect((await read()) - before).toBeLessThan(100n);
  });
});
