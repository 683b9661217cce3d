import { inTransaction } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { type Checkpoint } from '../src/checkpoints/checkpoint.chain';
import { Checkpoints } from '../src/checkpoints/checkpoint.service';
import { verifyChain } from '../src/checkpoints/checkpoint.verification';
import { accountsDataSource } from '../src/data-source';
import { foldOnce } from '../src/ledger/ledger.folder';
import { verifyBooks } from '../src/ledger/verification.service';
import { type Bank, breaches, type Customer, openBank, usd } from './support/bank';

interface ClosedBooks {
  readonly bank: Bank;
  readonly payer: Customer;
  /** The payments of one range, in the order of the chain. */
  readonly payments: readonly string[];
  readonly checkpoints: readonly Checkpoint[];
}

const NO_MARGIN = { marginSeconds: 0, transactionsMax: 4 };

/** Closes over all that there is. Others may be writing on this server, so a range may want another look. */
async function closeOver(bank: Bank): Promise<Checkpoint[]> {
  await foldOnce(bank.dataSource);
  const writer = new Checkpoints(bank.dataSource, NO_MARGIN);
  const written: Checkpoint[] = [];
  const open = `SELECT count(*)::int AS n FROM ledger_tx WHERE ("recordedAt", id) > (SELECT
    coalesce(max("untilAt"), '-infinity'), coalesce((SELECT "untilId" FROM ledger_checkpoint ORDER BY number DESC LIMIT 1), '${'0'.repeat(8)}-0000-0000-0000-000000000000') FROM ledger_checkpoint)`;
  for (let tries = 0; tries < 400; tries++) {
    const checkpoint = await writer.write();
    if (checkpoint) written.push(checkpoint);
    const [{ n }] = await bank.dataSource.query(open);
    if (n === 0) return written;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('there is always something open');
}

/** Books with a top-up and eight payments, all closed over in ranges of four. */
async function closedBooks(name: string): Promise<ClosedBooks> {
  const bank = await openBank(name);
  const payer = await bank.customer({ minor: 100_000n });
  const merchantId = await bank.merchant();
  const payments: string[] = [];
  for (let n = 0; n < 8; n++) {
    const paid = await bank.services.payments.pay(payer, {
      walletId: payer.walletId, merchantId, amount: usd(5_000n), description: undefined, idempotencyKey: `k${n}`,
    });
    payments.push(paid.ok ? paid.transactionId : '');
  }
  const checkpoints = await closeOver(bank);
  expect(breaches(await bank.verify())).toEqual([]);
  return { bank, payer, payments, checkpoints };
}

/** Does to the books what only their owner can: with the triggers switched off. */
async function tamper(bank: Bank, sql: string, values: unknown[]): Promise<void> {
  for (const table of ['entry', 'posting', 'ledger_tx', 'ledger_checkpoint']) await bank.asOwner(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
  await bank.asOwner(sql, values);
}

const chainOf = (bank: Bank) => inTransaction(bank.dataSource, (tx) => verifyChain(tx));

describe('A30: the chain of checkpoints', () => {
  // Each is done to the third payment, `$1`; some need the sixth besides, `$2`. What the other checks of the books would
  // notice too is not the point: the chain names the first transaction that is not as it was.
  it.each<[string, string[], 1 | 2, string]>([
    ['a posting that was edited', ['UPDATE posting SET amount = amount + 1 WHERE "txId" = $1 AND seq = 1'], 1, 'were changed'],
    ['a posting that was deleted', ['DELETE FROM posting WHERE "txId" = $1 AND seq = 2'], 1, 'were changed'],
    ['a posting that was put in', [`INSERT INTO posting SELECT "txId", 9, "debitAccountId", "creditAccountId", asset, amount FROM posting WHERE "txId" = $1 AND seq = 1`], 1, 'were changed'],
    ['a posting that was moved to another transaction', ['UPDATE posting SET "txId" = $2, seq = 9 WHERE "txId" = $1 AND seq = 2'], 2, 'were changed'],
    ['postings that changed places', ['UPDATE posting SET seq = 3 - seq + 10 WHERE "txId" = $1', 'UPDATE posting SET seq = seq - 10 WHERE "txId" = $1'], 1, 'were changed'],
    ['an entry whose instant was edited', [`UPDATE entry SET "recordedAt" = "recordedAt" + interval '1 second' WHERE "txId" = $1`], 1, 'were changed'],
    ['an entry that was deleted', ['DELETE FROM entry WHERE "txId" = $1'], 1, 'were changed'],
    ['a transaction whose row was edited', [`UPDATE ledger_tx SET "campaignId" = gen_random_uuid() WHERE id = $1`], 1, 'were changed'],
    ['a transaction that was moved to the end', [`UPDATE ledger_tx SET "recordedAt" = clock_timestamp() WHERE id = $1`], 1, 'is gone'],
    ['a transaction that was put before another', [
      `UPDATE ledger_tx SET "recordedAt" = (SELECT max("recordedAt") FROM ledger_tx WHERE "recordedAt" < (SELECT "recordedAt" FROM ledger_tx WHERE id = $1)) - interval '1 microsecond' WHERE id = $1`,
    ], 1, 'stands where'],
  ])('names %s', async (_what, statements, parameters, words) => {
    const { bank, payments } = await closedBooks('checkpoint_tampered');
    try {
      const [id, other] = [payments[2]!, payments[5]!];
      const values = [id, other].slice(0, parameters);
      for (const sql of statements) await tamper(bank, sql, values);
      const { misfits } = await chainOf(bank);
      expect(misfits[0]).toContain(words);
      expect(misfits[0]).toContain(`transaction ${id}`);
      const report = await bank.verify();
      expect(report.sound).toBe(false);
      expect(breaches(report).at(-1)).toMatch(/^every transaction is as it was when a checkpoint closed over it: /);
    } finally {
      await bank.close();
    }
  });

  it('names a transaction that was deleted with all that belongs to it', async () => {
    const { bank, payments } = await closedBooks('checkpoint_deleted');
    try {
      const id = payments[6]!;
      for (const table of ['refund_guard WHERE "paymentId"', 'posting WHERE "txId"', 'entry WHERE "txId"', 'ledger_tx WHERE id']) {
        await tamper(bank, `DELETE FROM ${table} = $1`, [id]);
      }
      expect((await chainOf(bank)).misfits).toEqual([expect.stringContaining(`transaction ${id} is gone`)]);
    } finally {
      await bank.close();
    }
  });

  it('names a transaction that was put in afterwards, which the application role could do', async () => {
    const { bank, payments } = await closedBooks('checkpoint_inserted');
    try {
      const id = uuidv7();
      await bank.dataSource.query(
        `INSERT INTO ledger_tx SELECT (jsonb_populate_record(t, jsonb_build_object('id', $2::uuid, 'recordedAt', t."recordedAt" + interval '1 microsecond'))).*
         FROM ledger_tx t WHERE id = $1`, [payments[2], id],
      );
      const { misfits } = await chainOf(bank);
      expect(misfits).toEqual([expect.stringContaining(`transaction ${id} was put in afterwards`)]);
    } finally {
      await bank.close();
    }
  });

  it('takes as long as it needs: no limit of a statement holds for the proof, neither the server’s nor that of the client', async () => {
    const { bank } = await closedBooks('checkpoint_slow');
    // A client of such sessions gives a silent server up after 2.2 s.
    const hasty = await accountsDataSource({ url: bank.url, poolSize: 1, statementMs: 200 }).initialize();
    try {
      const held = bank.asOwner('BEGIN; LOCK TABLE posting IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3.5); COMMIT');
      await eventually(async () => {
        expect(await bank.dataSource.query(`SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted AND relation = 'posting'::regclass`)).toHaveLength(1);
      });
      expect(await verifyBooks(hasty)).toMatchObject({ sound: true });
      await held;
    } finally {
      await hasty.destroy();
      await bank.close();
    }
  });

  it('finds a checkpoint that was edited or deleted, and by a noted hash a chain that was written anew', async () => {
    const { bank, payments, checkpoints } = await closedBooks('checkpoint_chain');
    try {
      const [, second, third] = checkpoints as [Checkpoint, Checkpoint, Checkpoint];
      const noted = { number: third.number, hash: third.hash.toString('hex') };
      expect(breaches(await verifyBooks(bank.dataSource, noted))).toEqual([]);
      await tamper(bank, 'UPDATE ledger_checkpoint SET digests = decode(repeat($2, octet_length(digests)), \'hex\') WHERE number = $1', [2, '00']);
      expect((await chainOf(bank)).misfits[0]).toBe('checkpoint 2 does not follow from its own row and the one before');
      await bank.asOwner('UPDATE ledger_checkpoint SET digests = $2 WHERE number = $1', [2, second.digests]);
      expect((await chainOf(bank)).misfits).toEqual([]);
      await bank.asOwner('DELETE FROM ledger_checkpoint WHERE number = 1');
      expect((await chainOf(bank)).misfits[0]).toBe('checkpoint 1 is gone: 2 comes next');

      await bank.asOwner('DELETE FROM ledger_checkpoint');
      await tamper(bank, `UPDATE ledger_tx SET "campaignId" = gen_random_uuid() WHERE id = $1`, [payments[2]]);
      await closeOver(bank);
      expect((await chainOf(bank)).misfits).toEqual([]);
      expect(breaches(await verifyBooks(bank.dataSource, noted))).toEqual([expect.stringContaining('the chain was written anew')]);
      const later = { ...noted, number: 99n };
      expect(breaches(await verifyBooks(bank.dataSource, later))).toEqual([expect.stringContaining('checkpoint 99 was noted, and is gone')]);
    } finally {
      await bank.close();
    }
  });
});

describe('checkpoints', () => {
  let bank: Bank;
  beforeAll(async () => {
    bank = await openBank('checkpoints');
  });
  afterAll(() => bank.close());

  it('wait for whoever posts while they look, so that nobody commits behind them', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    await closeOver(bank);
    const writer = new Checkpoints(bank.dataSource, NO_MARGIN);
    const order = { walletId: payer.walletId, merchantId: await bank.merchant(), amount: usd(100n), description: undefined };
    await inTransaction(bank.dataSource, async (tx) => {
      // Decided, and committed only after others that were decided later.
      await tx.query('SELECT ledger_post($1::jsonb, ARRAY[$2]::uuid[], ARRAY[$3]::uuid[], ARRAY[1]::bigint[])', [
        JSON.stringify({ id: uuidv7(), kind: 'TOP_UP', currency: 'USD', amount: '1', fee: '0', feeWaived: '0', personId: payer.personId, walletId: payer.walletId }),
        (await tx.query(`SELECT id FROM account WHERE purpose = 'CARD_CLEARING' AND asset = 'USD'`))[0].id, payer.walletId,
      ]);
      const other = await bank.customer({ minor: 10_000n });
      await bank.services.payments.pay(other, { ...order, walletId: other.walletId, idempotencyKey: 'other' });
      await foldOnce(bank.dataSource);
      for (let looks = 0; looks < 5; looks++) expect(await writer.write()).toBeUndefined();
    });
    const written = await closeOver(bank);
    expect(written.map(({ ids }) => ids.length / 16).reduce((sum, n) => sum + n, 0)).toBe(3);
    expect((await chainOf(bank)).misfits).toEqual([]);
  });

  it('leave what the folder has not come to, and all that follows', async () => {
    await bank.customer({ minor: 10_000n });
    await foldOnce(bank.dataSource);
    await bank.customer({ minor: 10_000n });
    // All looks begin after both: the first that closes over anything could close over both.
    const writer = new Checkpoints(bank.dataSource, NO_MARGIN);
    const first = await eventually(async () => {
      const written = await writer.write();
      expect(written).toBeDefined();
      return written!;
    });
    expect(first.ids).toHaveLength(16);
    for (let looks = 0; looks < 5; looks++) expect(await writer.write()).toBeUndefined();
    expect((await closeOver(bank)).map(({ ids }) => ids.length)).toEqual([16]);
  });

  it('are written by one of many at a time, and close over each transaction once', async () => {
    await Promise.all(Array.from({ length: 12 }, () => bank.customer({ minor: 100n })));
    await Promise.all([closeOver(bank), closeOver(bank), closeOver(bank)]);
    const [{ closed, posted }] = await bank.dataSource.query(
      'SELECT (SELECT sum(octet_length(ids)) / 16 FROM ledger_checkpoint)::int AS closed, (SELECT count(*)::int FROM ledger_tx) AS posted',
    );
    expect(closed).toBe(posted);
    expect((await chainOf(bank)).misfits).toEqual([]);
  });

  it('keep well behind the present', async () => {
    await bank.customer({ minor: 100n });
    await foldOnce(bank.dataSource);
    const patient = new Checkpoints(bank.dataSource);
    for (let looks = 0; looks < 5; looks++) expect(await patient.write()).toBeUndefined();
  });
});
