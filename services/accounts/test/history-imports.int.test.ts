import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { currencyCode } from '@tael/money';
import { v7 as uuidv7 } from 'uuid';
import type { HistoryImport } from '../src/history-imports/history-import.domain';
import { tieOut } from '../src/statements/statement.domain';
import { breaches } from './support/bank';
import { caller, file, HEADER, type Histories, openHistories, row } from './support/histories';

const CZK = currencyCode('CZK');
const FILE = gunzipSync(readFileSync(join(__dirname, 'data', 'bank-history.csv.gz'))).toString('utf8');

describe('histories of banks', () => {
  let bank: Histories['bank'];
  let imports: Histories['imports'];
  let worker: Histories['worker'];
  let accounts: Histories['accounts'];
  let done: Histories['done'];
  let toldOf: Histories['toldOf'];
  let workOff: Histories['workOff'];
  let upload: Histories['upload'];
  let bring: Histories['bring'];

  beforeAll(async () => {
    ({ bank, imports, worker, accounts, done, toldOf, workOff, upload, bring } = await openHistories('history'));
  });
  afterAll(async () => {
    await bank.close();
  });

  it('of 359 accounts and 14,462 bookings come out at every balance of the bank itself, and every statement ties out', async () => {
    const who = caller();
    const checked = await upload(who, FILE);
    await workOff();
    expect(await imports.read(who, checked.id)).toMatchObject({ status: 'CHECKED', lineCount: 14_462, problemCount: 0, accountCount: 359, checkedAccounts: 359, appliedLines: 0 });
    // A dry run: nothing of it is in the books.
    expect(await accounts.page(who.partnerId, { limit: 1 })).toEqual([]);
    await done(imports.apply(who, { importId: checked.id, allowOverdraft: true }));
    await workOff();
    expect(await imports.read(who, checked.id)).toMatchObject({ status: 'DONE', appliedLines: 14_462, endedAt: expect.any(Date) });

    const rows = FILE.trimEnd().split('\n').slice(1).map((line) => line.split(','));
    const minor = (text: string) => BigInt(text.replace('.', ''));
    const balances = new Map<string, bigint[]>();
    for (const [, account, , , , , balance] of rows) balances.set(account!, [...(balances.get(account!) ?? []), minor(balance!)]);
    expect(balances.size).toBe(359);
    let below = 0;
    for (const [number, wanted] of balances) {
      const account = (await accounts.byNumber(who.partnerId, number, 'CZK'))!;
      expect(account).toMatchObject({ number, currency: CZK, balance: wanted.at(-1), overdraft: wanted.reduce((low, balance) => (-balance > low ? -balance : low), 0n) });
      const months = await accounts.statements(account, { limit: 100 });
      const seen: bigint[] = [];
      for (const [index, summary] of months.entries()) {
        const lines = await accounts.lines(summary, { limit: 10_000 });
        expect(tieOut(summary, lines)).toEqual([]);
        if (months[index + 1]) expect(summary.opening).toBe(months[index + 1]!.closing);
        seen.unshift(...lines.map(({ balanceAfter }) => balanceAfter));
      }
      expect(seen).toEqual(wanted);
      below += seen.filter((balance) => balance < 0n).length;
    }
    expect(below).toBe(29);
    expect(breaches(await bank.verify())).toEqual([]);
  }, 120_000);

  it('refuse a header with a name that cannot be kept, as they refuse one without its columns', async () => {
    const who = caller();
    const { id } = await done(imports.open(who, { reference: uuidv7(), currency: 'CZK' }));
    const unfit = HEADER.replace('\n', ',no\0te\n');
    for (const text of [unfit, HEADER.replace('amount', 'sum')]) {
      expect(await imports.add(who, id, { number: 0, text })).toEqual({ ok: false, refusals: [{ code: 'INVALID_INPUT', reason: 'CSV_HEADER', field: ['input', 'csv'] }] });
    }
    expect(await done(imports.add(who, id, { number: 0, text: HEADER }))).toMatchObject({ nextChunk: 1 });
  });

  it('name each wrong row by its line, and bring nothing', async () => {
    const who = caller();
    const wrong = await upload(who, file(row('2020-01-01', 'A1', 10, 10), '2020-01-02,A1,credit,,,x,1.00,,,', row('2020-01-03', 'A1', 5, 15), 'short'));
    expect(wrong).toMatchObject({ status: 'REFUSED', problemCount: 2 });
    expect(await imports.problems(wrong, { limit: 10 })).toEqual([{ line: 3, code: 'AMOUNT' }, { line: 5, code: 'COLUMN_COUNT' }]);
    const differs = await upload(who, file(row('2020-01-01', 'A1', 10, 10), row('2020-01-02', 'B2', 7, 7), row('2020-01-02', 'A1', 5, 16), row('2020-01-03', 'A1', -6, 10), row('2020-01-01', 'B2', 1, 8)), 200);
    await workOff();
    expect(await imports.read(who, differs.id)).toMatchObject({ status: 'REFUSED', problemCount: 2, appliedLines: 0 });
    expect(await imports.problems(differs, { limit: 10 })).toEqual([{ line: 4, code: 'BALANCE_DIFFERS' }, { line: 6, code: 'DATE_GOES_BACK' }]);
    expect(await imports.apply(who, { importId: differs.id, allowOverdraft: true })).toMatchObject({ ok: false, refusals: [{ code: 'NOT_ALLOWED', reason: 'IMPORT_STATUS' }] });
    expect(await accounts.page(who.partnerId, { limit: 10 })).toEqual([]);
    expect(await toldOf(who)).toEqual([
      { partnerId: who.partnerId, importId: wrong.id, status: 'REFUSED', currency: CZK, lineCount: expect.any(Number), problemCount: 2, occurredAt: expect.any(Date) },
      { partnerId: who.partnerId, importId: differs.id, status: 'REFUSED', currency: CZK, lineCount: 5, problemCount: 2, occurredAt: expect.any(Date) },
    ]);
  });

  // The largest amount, up and down again, so many times: the balance stays small, what has moved does not.
  const MOST = '10000000000000.00';
  const pairs = (account: string, times: number) =>
    (`2020-01-01,${account},credit,,,${MOST},${MOST},,,\n2020-01-01,${account},debit,,,${MOST},0.00,,,\n`).repeat(times);

  it('are refused where an account would move more than the books hold, at the line', async () => {
    const who = caller();
    const { id } = await upload(who, HEADER + pairs('A1', 1_001) + pairs('B2', 10));
    await workOff();
    const found = (await imports.read(who, id))!;
    expect(found).toMatchObject({ status: 'REFUSED', appliedLines: 0 });
    // Credit and debit 1,001 of A1; and the file as a whole is too much for the account that it is brought in against.
    expect(await imports.problems(found, { limit: 5 })).toEqual([{ line: 1, code: 'TURNOVER' }, { line: 2_002, code: 'TURNOVER' }, { line: 2_003, code: 'TURNOVER' }]);
  }, 60_000);

  it('with an account of very many lines are tried in pieces, which find what one look would', async () => {
    const who = caller();
    const LINES = 11_000;
    const wrong = new Map([[5_000, 'BALANCE_DIFFERS'], [5_001, 'BALANCE_DIFFERS'], [7_777, 'DATE_GOES_BACK'], [10_001, 'BALANCE_DIFFERS'], [10_002, 'BALANCE_DIFFERS']]);
    const text = (right: boolean) => file(row('2020-02-01', 'B2', -5, -5), ...Array.from({ length: LINES }, (_none, n) => {
      const off = !right && (n === 4_999 || n === 10_000) ? 7 : 0;
      return row(!right && n === 7_776 ? '2020-01-31' : '2020-02-01', 'A1', n % 2 ? -2 : 1, (n % 2 ? -1 : 0) * Math.ceil(n / 2) + (n % 2 ? 0 : 1 - n / 2) + off);
    }));
    const { id } = await upload(who, text(false));
    const steps: number[] = [];
    while ((await worker.work()) > 0) steps.push((await imports.read(who, id))!.checkedAccounts);
    expect(steps).toEqual([1, 1, 2, 2]);
    const found = (await imports.read(who, id))!;
    expect(found).toMatchObject({ status: 'REFUSED', problemCount: wrong.size });
    expect(await imports.problems(found, { limit: 10 })).toEqual([...wrong].map(([n, code]) => ({ line: n + 2, code })));
    expect(await bring(who, text(true))).toMatchObject({ status: 'DONE', checkedAccounts: 2 });
    expect(await accounts.byNumber(who.partnerId, 'A1', 'CZK')).toMatchObject({ balance: BigInt(-LINES / 2) * 100n, overdraft: BigInt(LINES / 2) * 100n });
    const [month] = await accounts.statements((await accounts.byNumber(who.partnerId, 'A1', 'CZK'))!, { limit: 1 });
    expect(month).toMatchObject({ creditCount: LINES / 2, debitCount: LINES / 2 });
    // A file that goes on with it, again longer than a piece.
    expect(await bring(who, file(...Array.from({ length: 5_500 }, (_none, n) => row('2020-02-01', 'A1', 1, -LINES / 2 + n + 1))))).toMatchObject({ status: 'DONE' });
    expect(await accounts.byNumber(who.partnerId, 'A1', 'CZK')).toMatchObject({ balance: 0n });
  }, 60_000);

  it('are refused where all accounts together move more, with what the bank brought before', async () => {
    const [who, other] = [caller(), caller()];
    expect(await bring(who, HEADER + pairs('A1', 600))).toMatchObject({ status: 'DONE' });
    expect(await bring(who, HEADER + pairs('B2', 400))).toMatchObject({ status: 'DONE' });
    const more = await upload(who, file(row('2020-01-01', 'C3', 10, 10)));
    await workOff();
    expect(await imports.problems((await imports.read(who, more.id))!, { limit: 5 })).toEqual([{ line: 1, code: 'TURNOVER' }]);
    expect(await bring(other, file(row('2020-01-01', 'C3', 10, 10)))).toMatchObject({ status: 'DONE' });
  }, 60_000);

  it('tell of their end once, whoever works on them at the same time', async () => {
    const who = caller();
    const { id } = await upload(who, file(row('2020-01-01', 'A1', 10, 10), row('2020-01-02', 'A1', 5, 15)));
    await workOff();
    expect(await toldOf(who)).toEqual([]);
    await done(imports.apply(who, { importId: id, allowOverdraft: false }));
    await Promise.all([workOff(), workOff(), workOff()]);
    await workOff();
    expect(await toldOf(who)).toEqual([
      { partnerId: who.partnerId, importId: id, status: 'DONE', currency: CZK, lineCount: 2, problemCount: 0, occurredAt: expect.any(Date) },
    ]);
  });

  it('keep the first thousand of many wrong rows, and count all', async () => {
    const wrong = await upload(caller(), HEADER + 'x\n'.repeat(1_500), 1_000);
    expect(wrong).toMatchObject({ status: 'REFUSED', problemCount: 1_500 });
    expect(await imports.problems(wrong, { limit: 2_000 })).toHaveLength(1_000);
  });

  it('are uploaded again from where they were cut off, and a chunk that comes twice counts once', async () => {
    const who = caller();
    const command = { reference: 'march', currency: 'CZK' };
    const first = await done(imports.open(who, command));
    const [one, two] = [file(row('2020-01-01', 'A1', 10, 10)), `${row('2020-01-02', 'A1', 5, 15)}\n`];
    await Promise.all([1, 2, 3].map(() => imports.add(who, first.id, { number: 0, text: one })));
    expect(await done(imports.open(who, command))).toMatchObject({ id: first.id, nextChunk: 1, lineCount: 1 });
    expect(await imports.add(who, first.id, { number: 0, text: two })).toMatchObject({ ok: false, refusals: [{ code: 'IDEMPOTENCY_KEY_REUSED' }] });
    expect(await imports.add(who, first.id, { number: 2, text: two })).toMatchObject({ ok: false, refusals: [{ code: 'INVALID_INPUT', reason: 'CHUNK_NOT_DUE' }] });
    expect(await done(imports.add(who, first.id, { number: 1, text: two }))).toMatchObject({ nextChunk: 2, lineCount: 2 });
    expect(await imports.open(who, { reference: 'march', currency: 'EUR' })).toMatchObject({ ok: false, refusals: [{ code: 'IDEMPOTENCY_KEY_REUSED' }] });
  });

  test.each([
    ['no header', 'a,b\n', 'CSV_HEADER'], ['a quote that is never closed', `${HEADER}2020-01-01,"A1,credit\n`, 'CSV'], ['too much', HEADER + ' '.repeat(200_000), 'TOO_LONG'],
  ])('with %s are refused at once', async (_name, text, reason) => {
    const who = caller();
    const { id } = await done(imports.open(who, { reference: 'x', currency: 'CZK' }));
    // What is no CSV is named by its line of the file.
    const field = ['input', 'csv', ...(reason === 'CSV' ? ['2'] : [])];
    expect(await imports.add(who, id, { number: 0, text })).toEqual({ ok: false, refusals: [{ code: 'INVALID_INPUT', reason, field }] });
    expect(await imports.read(who, id)).toMatchObject({ nextChunk: 0, lineCount: 0, problemCount: 0 });
    expect(await imports.check(who, id)).toMatchObject({ ok: false, refusals: [{ reason: 'EMPTY' }] });
  });

  it('that are no CSV are named by the line of the file, in whatever chunk it is, and the chunk may come again', async () => {
    const who = caller();
    const { id } = await done(imports.open(who, { reference: 'x', currency: 'CZK' }));
    await done(imports.add(who, id, { number: 0, text: file(row('2020-01-01', 'A1', 10, 10), row('2020-01-02', 'A1', 5, 15)) }));
    const good = `${row('2020-01-03', 'A1', 1, 16)}\n`;
    expect(await imports.add(who, id, { number: 1, text: `${good}2020-01-04,"A1,credit\n` })).toEqual({ ok: false, refusals: [{ code: 'INVALID_INPUT', reason: 'CSV', field: ['input', 'csv', '5'] }] });
    expect(await done(imports.add(who, id, { number: 1, text: good }))).toMatchObject({ nextChunk: 2, lineCount: 3, problemCount: 0 });
  });

  it('give another bank nothing, though it had their ids', async () => {
    const [who, other] = [caller(), caller()];
    await bring(who, file(row('2020-01-31', 'A1', 10, 10)));
    const account = (await accounts.byNumber(who.partnerId, 'A1', 'CZK'))!;
    const [month] = await accounts.statements(account, { limit: 1 });
    expect(await accounts.lines(month!, { limit: 5 })).toHaveLength(1);
    expect(await accounts.lines({ ...month!, partnerId: other.partnerId }, { limit: 5 })).toEqual([]);
    expect(await accounts.statements({ ...account, partnerId: other.partnerId }, { limit: 5 })).toEqual([]);
    const wrong = await upload(who, file(row('2020-01-30', 'A1', 1, 10)));
    await workOff();
    expect(await imports.problems(wrong, { limit: 5 })).toHaveLength(1);
    expect(await imports.problems({ ...wrong, partnerId: other.partnerId }, { limit: 5 })).toEqual([]);
    expect(await imports.read(other, wrong.id)).toBeUndefined();
  });

  it('go on where the last file ended', async () => {
    const who = caller();
    expect(await bring(who, file(row('2020-01-31', 'A1', 10, 10)))).toMatchObject({ status: 'DONE' });
    expect(await bring(who, file(row('2020-01-31', 'a1', 2, 12), row('2020-03-01', 'A1', -3, 9), row('2020-03-01', 'C3', 4, 4)))).toMatchObject({ status: 'DONE' });
    const account = (await accounts.byNumber(who.partnerId, 'A 1', 'CZK'))!;
    expect(account).toMatchObject({ balance: 900n, overdraft: 0n, firstBookedOn: '2020-01-31', lastBookedOn: '2020-03-01' });
    const months = await accounts.statements(account, { limit: 10 });
    expect(months.map(({ month, opening, closing, creditCount, final }) => [month.name, opening, closing, creditCount, final])).toEqual([
      ['2020-03', 1_200n, 900n, 0, false], ['2020-02', 1_200n, 1_200n, 0, true], ['2020-01', 0n, 1_200n, 2, true],
    ]);
    const again = await upload(who, file(row('2020-01-30', 'A1', 1, 10)));
    await workOff();
    expect(await imports.problems(again, { limit: 5 })).toEqual([{ line: 2, code: 'DATE_GOES_BACK' }]);
    expect(breaches(await bank.verify())).toEqual([]);
  });

  it('go below zero only where the bank says so', async () => {
    const who = caller();
    const { id } = await upload(who, file(row('2020-01-01', 'A1', -10, -10), row('2020-01-02', 'A1', 30, 20)));
    await workOff();
    expect(await imports.read(who, id)).toMatchObject({ status: 'CHECKED', overdrawnAccounts: 1 });
    expect(await imports.apply(who, { importId: id, allowOverdraft: false })).toMatchObject({ ok: false, refusals: [{ code: 'NOT_ALLOWED', reason: 'OVERDRAFT_NEEDED' }] });
    await done(imports.apply(who, { importId: id, allowOverdraft: true }));
    await workOff();
    expect(await accounts.byNumber(who.partnerId, 'A1', 'CZK')).toMatchObject({ balance: 2_000n, overdraft: 1_000n });
  });

  it('are one at a time for a bank, and do not wait for those of others', async () => {
    const [who, other] = [caller(), caller()];
    const text = file(row('2020-01-01', 'A1', 10, 10));
    const open = async () => {
      const { id } = await done(imports.open(who, { reference: uuidv7(), currency: 'CZK' }));
      await done(imports.add(who, id, { number: 0, text }));
      return id;
    };
    const ids = await Promise.all([open(), open(), open()]);
    const answers = await Promise.all(ids.map((id) => imports.check(who, id)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.flatMap((answer) => (answer.ok ? [] : answer.refusals))).toEqual(Array(2).fill(expect.objectContaining({ code: 'NOT_ALLOWED', reason: 'IMPORT_UNDER_WAY' })));
    expect(await bring(other, text)).toMatchObject({ status: 'DONE' });
    const winner = answers.find((answer) => answer.ok)!;
    await done(imports.discard(who, (winner as { historyImport: HistoryImport }).historyImport.id));
    const next = ids.find((id) => id !== (winner as { historyImport: HistoryImport }).historyImport.id)!;
    expect(await imports.check(who, next)).toMatchObject({ ok: true });
  });

  it('of another bank look like none', async () => {
    const [who, stranger] = [caller(), caller()];
    const { id } = await bring(who, file(row('2020-01-01', 'A1', 10, 10)));
    expect(await imports.read(stranger, id)).toBeUndefined();
    const none = { ok: false, refusals: [{ code: 'NOT_FOUND', field: ['input', 'importId'] }] };
    for (const importId of [id, uuidv7(), 'x']) {
      expect(await imports.add(stranger, importId, { number: 0, text: HEADER })).toEqual(none);
      expect(await imports.check(stranger, importId)).toEqual(none);
      expect(await imports.apply(stranger, { importId, allowOverdraft: true })).toEqual(none);
      expect(await imports.discard(stranger, importId)).toEqual(none);
    }
    expect(await accounts.byNumber(stranger.partnerId, 'A1', 'CZK')).toBeUndefined();
    expect(await accounts.page(stranger.partnerId, { limit: 10 })).toEqual([]);
    // The same number at another bank is another account.
    await bring(stranger, file(row('2020-01-01', 'A1', 3, 3)));
    expect(await accounts.byNumber(who.partnerId, 'A1', 'CZK')).toMatchObject({ balance: 1_000n });
    expect(await accounts.byNumber(stranger.partnerId, 'A1', 'CZK')).toMatchObject({ balance: 300n });
  });

  it('are booked once by many workers, of whom some die', async () => {
    const who = caller();
    const lines = Array.from({ length: 3_000 }, (_none, index) => row('2020-01-01', `N${index % 40}`, 1, Math.floor(index / 40) + 1));
    const { id } = await upload(who, file(...lines));
    await workOff();
    await done(imports.apply(who, { importId: id, allowOverdraft: false }));
    // A role may end sessions of its own.
    const kill = () => bank.dataSource.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
         AND state <> 'idle' AND (query LIKE '/* history.%' OR query LIKE '/* ledger.%')`,
    ).catch(() => undefined);
    let killed = 0;
    await Promise.all([
      ...[1, 2, 3].map(async () => {
        while ((await imports.read(who, id).catch(() => undefined))?.status !== 'DONE') await worker.work().catch(() => (killed += 1));
      }),
      (async () => {
        while (killed < 3 && (await imports.read(who, id).catch(() => undefined))?.status !== 'DONE') await kill();
      })(),
    ]);
    expect(killed).toBeGreaterThan(0);
    expect(await imports.read(who, id)).toMatchObject({ status: 'DONE', appliedLines: 3_000 });
    expect((await accounts.page(who.partnerId, { limit: 100 })).map(({ balance }) => balance)).toEqual(Array(40).fill(7_500n));
    expect(breaches(await bank.verify())).toEqual([]);
  }, 60_000);
});
