import { createLogger } from '@tael/platform/log';
import { inTransaction } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { accountsDataSource } from '../src/data-source';
import { merchantInflowId, systemAccountId } from '../src/ledger/account.ids';
import { firstTurn, foldOnce, startFolder } from '../src/ledger/ledger.folder';
import { post } from '../src/ledger/ledger.service';
import { type Bank, breaches, openBank, usd, USD } from './support/bank';

const log = createLogger({ service: 'test', level: 'silent' });
const FULL = 9_223_372_036_854_775_000n;

// What cannot be folded of one account is kept, and holds up nobody else.
describe('folding of an account that is full', () => {
  let bank: Bank;

  let folder: ReturnType<typeof startFolder> | undefined;

  beforeEach(async () => {
    bank = await openBank('ledger-fold');
  });
  afterEach(async () => {
    await folder?.stop();
    folder = undefined;
    await bank.close();
  });

  const full = systemAccountId('REWARD_FUNDING', USD);
  const setCounters = (minor: bigint) =>
    bank.asOwner('UPDATE account SET "debitsPosted" = $2, "creditsPosted" = $2 WHERE id = $1', [full, minor.toString()]);

  /** Gives a wallet so many rewards out of the account that is full. */
  async function reward(times: number): Promise<void> {
    const { personId, walletId } = await bank.customer();
    for (let n = 0; n < times; n++) {
      await inTransaction(bank.dataSource, (tx) => post(tx, {
        id: uuidv7(), kind: 'CASHBACK', currency: USD, amount: 1_000n, personId, walletId, legs: [{ debit: full, credit: walletId, amount: 1_000n }],
      }));
    }
  }
  async function pay(): Promise<string> {
    const payer = await bank.customer({ minor: 10_000n });
    const merchantId = await bank.merchant();
    const command = { walletId: payer.walletId, merchantId, amount: usd(1_000n), description: undefined, idempotencyKey: uuidv7() };
    expect(await bank.services.payments.pay(payer, command)).toMatchObject({ ok: true });
    return merchantInflowId(merchantId, USD);
  }
  const waitingOf = async (accountId: string): Promise<number> =>
    (await bank.dataSource.query('SELECT count(*)::integer AS n FROM pending_delta WHERE "accountId" = $1', [accountId]))[0].n;
  const entriesOf = async (accountId: string): Promise<number> =>
    (await bank.dataSource.query('SELECT count(*)::integer AS n FROM entry WHERE "accountId" = $1', [accountId]))[0].n;

  it('folds all others, also where its deltas come first and fill whole passes', async () => {
    await setCounters(FULL);
    await reward(2);
    await bank.asOwner(
      `INSERT INTO pending_delta ("accountId", "txId", debits, credits, "recordedAt") SELECT $1, gen_random_uuid(), 1000, 0, now() FROM generate_series(1, 2500)`, [full],
    );
    const inflow = await pay();
    await foldOnce(bank.dataSource);
    expect(await entriesOf(inflow)).toBe(1);
    expect([await waitingOf(inflow), await waitingOf(full), await entriesOf(full)]).toEqual([0, 2_502, 0]);
  });

  it('says so where the service tells of its health, and goes on with it once it can', async () => {
    await setCounters(FULL);
    await reward(2);
    const inflow = await pay();
    folder = startFolder(bank.dataSource, log, { retryMs: 200 });
    await eventually(async () => expect(await entriesOf(inflow)).toBe(1));
    expect(await waitingOf(full)).toBe(2);
    // The others of its pass are folded one by one, perhaps before it is met.
    await eventually(async () => expect(await folder!.health()).toEqual({ ready: false, cause: expect.stringContaining(full) }));
    await setCounters(0n);
    await eventually(async () => expect(await entriesOf(full)).toBe(2));
    await eventually(async () => expect(await folder!.health()).toEqual({ ready: true }));
    // The rewards of this test have no grants.
    expect(breaches(await bank.verify()).filter((breach) => !breach.startsWith('every posted grant'))).toEqual([]);
  });

  it('tries it again in time also where the pass that met it ended otherwise', async () => {
    await setCounters(FULL);
    await reward(2);
    const inflow = await pay();
    const [{ text }] = await bank.dataSource.query(`SELECT pg_get_functiondef('ledger_fold_account(integer, uuid)'::regprocedure) AS text`);
    await bank.asOwner(text.replace('ledger_fold_account', 'fold_of_before'));
    await bank.asOwner(`CREATE OR REPLACE FUNCTION ledger_fold_account(p_rows integer, p_account uuid) RETURNS integer LANGUAGE plpgsql AS $$
      BEGIN IF p_account = '${full}' THEN RETURN fold_of_before(p_rows, p_account); END IF;
        RAISE EXCEPTION 'too slow' USING ERRCODE = 'query_canceled'; END $$`);
    folder = startFolder(bank.dataSource, log, { retryMs: 200 });
    await eventually(async () => expect(await folder!.health()).toMatchObject({ ready: false }));
    await bank.asOwner(text);
    await eventually(async () => expect(await entriesOf(inflow)).toBe(1));
    await setCounters(0n);
    await eventually(async () => expect(await entriesOf(full)).toBe(2));
    await eventually(async () => expect(await folder!.health()).toEqual({ ready: true }));
  });

  it.each([
    ['after they came', async () => undefined],
    ['once the statistics know of them', () => bank.asOwner('ANALYZE pending_delta')],
  ])('reads none of its deltas while it is left out, %s', async (_when, learn) => {
    await setCounters(FULL);
    await reward(1);
    await bank.asOwner(
      `INSERT INTO pending_delta ("accountId", "txId", debits, credits, "recordedAt") SELECT $1, gen_random_uuid(), 1000, 0, now() FROM generate_series(1, 20000)`, [full],
    );
    await learn();
    const lone = await accountsDataSource({ url: bank.url, poolSize: 1 }).initialize();
    try {
      const read = async (): Promise<bigint> => {
        await lone.query('SELECT pg_stat_force_next_flush()');
        const [{ rows }] = await lone.query(`SELECT (seq_tup_read + idx_tup_fetch)::bigint AS rows FROM pg_stat_user_tables WHERE relname = 'pending_delta'`);
        return rows;
      };
      const apart = new Map<string, unknown>();
      await foldOnce(lone, apart);
      expect([...apart.keys()]).toEqual([full]);
      const [inflow, before] = [await pay(), await read()];
      expect(await foldOnce(lone, apart)).toBeGreaterThan(0);
      expect(await entriesOf(inflow)).toBe(1);
      expect((await read()) - before).toBeLessThan(500n);
    } finally {
      await lone.destroy();
    }
  });

  it('lets accounts with low ids that are busy all the time hold up none with high ones', async () => {
    await setCounters(FULL);
    await reward(1);
    await pay();
    await pay();
    const waiting = async (): Promise<string[]> => (await bank.dataSource.query(
      'SELECT DISTINCT "accountId" AS id FROM pending_delta WHERE "accountId" <> $1 ORDER BY id', [full],
    )).map(({ id }: { id: string }) => id);
    const all = await waiting();
    const [apart, turn, busy] = [new Map<string, unknown>([[full, 'full']]), firstTurn(), all.slice(0, -1)];
    const pass = () => foldOnce(bank.dataSource, apart, { turn, accountsMax: busy.length });
    await pass();
    expect(await waiting()).toEqual(all.slice(-1));
    await bank.asOwner(
      `INSERT INTO pending_delta ("accountId", "txId", debits, credits, "recordedAt") SELECT unnest($1::uuid[]), gen_random_uuid(), 1000, 0, now()`, [busy],
    );
    await pass();
    expect(await waiting()).toEqual(busy);
    await pass();
    expect(await waiting()).toEqual([]);
  });

  it('is a breach of the books once a delta waits longer than five minutes', async () => {
    await reward(1);
    const waits = async () => breaches(await bank.verify()).filter((breach) => breach.startsWith('no delta waits'));
    expect(await waits()).toEqual([]);
    await bank.asOwner(`UPDATE pending_delta SET "recordedAt" = "recordedAt" - interval '301 seconds' WHERE "accountId" = $1`, [full]);
    expect(await waits()).toEqual([expect.stringContaining(`account ${full}: 1 `)]);
    await foldOnce(bank.dataSource);
    expect(await waits()).toEqual([]);
  });
});
