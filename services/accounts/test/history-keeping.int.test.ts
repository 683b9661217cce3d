import { v7 as uuidv7 } from 'uuid';
import { CHUNKS_MAX, LINES_MAX, OPEN_MAX } from '../src/history-imports/history-import.domain';
import { HistoryKeepingService } from '../src/history-imports/history-keeping.service';
import { tieOut } from '../src/statements/statement.domain';
import { breaches } from './support/bank';
import { caller, file, type Histories, openHistories, row } from './support/histories';

const DAY_MS = 86_400_000;

describe('histories of banks', () => {
  let world: Histories;
  let ahead = 0;
  let keeper: HistoryKeepingService;
  beforeAll(async () => {
    world = await openHistories('history_keeping');
    // Pieces of two rows: each test needs several of them.
    keeper = new HistoryKeepingService({ dataSource: world.bank.dataSource, now: () => new Date(Date.now() + ahead) }, 2);
  });
  afterAll(() => world.bank.close());
  beforeEach(() => (ahead = 0));

  const sweep = async (): Promise<number> => {
    let pieces = 0;
    while ((await keeper.work()) > 0) pieces += 1;
    return pieces;
  };
  const left = async (importId: string): Promise<number[]> => {
    const counts = await Promise.all(['history_line', 'history_account', 'history_chunk'].map((table) =>
      world.bank.dataSource.query(`SELECT count(*)::integer AS count FROM ${table} WHERE "importId" = $1`, [importId])));
    return counts.map(([row]: { count: number }[]) => row!.count);
  };
  /** What the bank reads of an import. */
  const shown = async (who: ReturnType<typeof caller>, importId: string): Promise<object> => {
    const { id, reference, currency, status, nextChunk, lineCount, problemCount, accountCount, checkedAccounts, overdrawnAccounts, appliedLines, createdAt, endedAt } =
      (await world.imports.read(who, importId))!;
    return { id, reference, currency, status, nextChunk, lineCount, problemCount, accountCount, checkedAccounts, overdrawnAccounts, appliedLines, createdAt, endedAt };
  };
  const accountsOf = async (partnerId: string): Promise<number> =>
    (await world.bank.dataSource.query('SELECT 1 FROM partner_account WHERE "partnerId" = $1', [partnerId])).length;
  const five = file(...[1, 2, 3, 4, 5].map((n) => row(`2020-01-0${n}`, `A${n}`, -10, -10)));
  const open = (who: ReturnType<typeof caller>) => world.imports.open(who, { reference: uuidv7(), currency: 'CZK' });

  it('may be three at once that are uploaded; the same reference is no new one, and another bank has three of its own', async () => {
    const [who, other] = [caller(), caller()];
    const answers = await Promise.all(Array.from({ length: OPEN_MAX + 2 }, () => open(who)));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(OPEN_MAX);
    for (const answer of answers) if (!answer.ok) expect(answer.refusals).toEqual([{ code: 'LIMIT_EXCEEDED', reason: 'HISTORY_IMPORTS', field: ['input', 'reference'] }]);
    const [{ reference, id }] = await world.bank.dataSource.query('SELECT id, reference FROM history_import WHERE "partnerId" = $1 LIMIT 1', [who.partnerId]);
    expect(await world.done(world.imports.open(who, { reference, currency: 'CZK' }))).toMatchObject({ id });
    await world.done(open(other));
    await world.done(world.imports.discard(who, id));
    await world.done(open(who));
  });

  it.each([
    ['lines', `"nextLine" = ${LINES_MAX - 4}`, 'HISTORY_LINES', 'csv'], ['chunks', `"nextChunk" = ${CHUNKS_MAX}`, 'HISTORY_CHUNKS', 'number'],
  ])('take no more %s than the bound', async (_what, full, reason, field) => {
    const who = caller();
    const { id } = await world.done(open(who));
    await world.done(world.imports.add(who, id, { number: 0, text: five }));
    await world.bank.dataSource.query(`UPDATE history_import SET ${full} WHERE id = $1`, [id]);
    const { nextChunk } = (await world.imports.read(who, id))!;
    const more = [1, 2, 3, 4, 5, 6].map((n) => `${row(`2020-02-0${n}`, 'B1', 1, n)}\n`).join('');
    expect(await world.imports.add(who, id, { number: nextChunk, text: more })).toEqual({ ok: false, refusals: [{ code: 'LIMIT_EXCEEDED', reason, field: ['input', field] }] });
    if (reason === 'HISTORY_LINES') await world.done(world.imports.add(who, id, { number: nextChunk, text: more.slice(0, more.indexOf('\n') + 1) }));
  });

  it('that are given up leave nothing of people, piece by piece, and show what they showed', async () => {
    const who = caller();
    const { id } = await world.upload(who, five);
    await world.workOff();
    await world.done(world.imports.discard(who, id));
    const before = await shown(who, id);
    expect(before).toMatchObject({ accountCount: 5, overdrawnAccounts: 5, lineCount: 5 });
    expect(await sweep()).toBeGreaterThan(5);
    expect(await left(id)).toEqual([0, 0, 0]);
    expect(await accountsOf(who.partnerId)).toBe(0);
    expect(await shown(who, id)).toEqual(before);
    expect(await sweep()).toBe(0);
  });

  it('that were refused keep what is wrong with them, and nothing else', async () => {
    const who = caller();
    const { id } = await world.upload(who, file(row('2020-01-01', 'A1', 10, 10), row('2020-01-02', 'A1', 10, 21), row('2020-01-02', 'A2', 5, 5)));
    await world.workOff();
    const before = (await world.imports.read(who, id))!;
    const problems = await world.imports.problems(before, { limit: 10 });
    expect([before.status, problems]).toEqual(['REFUSED', [{ line: 3, code: 'BALANCE_DIFFERS' }]]);
    const seen = await shown(who, id);
    await sweep();
    expect([await left(id), await accountsOf(who.partnerId)]).toEqual([[0, 0, 0], 0]);
    expect(await shown(who, id)).toEqual(seen);
    expect(await world.imports.problems(before, { limit: 10 })).toEqual(problems);
  });

  it('that nobody went on with for thirty days are given up, begun or tried', async () => {
    const who = caller();
    const begun = await world.done(open(who));
    await world.done(world.imports.add(who, begun.id, { number: 0, text: five }));
    const tried = await world.upload(who, file(row('2020-01-01', 'C1', 10, 10)));
    await world.workOff();
    ahead = 29 * DAY_MS;
    expect(await sweep()).toBe(0);
    ahead = 31 * DAY_MS;
    await sweep();
    for (const { id } of [begun, tried]) {
      expect([(await world.imports.read(who, id))!.status, await left(id)]).toEqual(['DISCARDED', [0, 0, 0]]);
    }
    expect(await accountsOf(who.partnerId)).toBe(0);
  });

  it('that are booked stay whole, with the accounts that a later one names again; their statements tie out', async () => {
    const who = caller();
    const booked = await world.bring(who, file(row('2020-01-01', 'A1', 10, 10)));
    expect(booked.status).toBe('DONE');
    const later = await world.upload(who, file(row('2020-02-01', 'A1', 5, 15), row('2020-02-01', 'A2', 1, 1)));
    await world.workOff();
    await world.done(world.imports.discard(who, later.id));
    ahead = 100 * DAY_MS;
    await sweep();
    expect([await left(booked.id), await left(later.id), await accountsOf(who.partnerId)]).toEqual([[1, 1, 1], [0, 0, 0], 1]);
    const account = (await world.accounts.byNumber(who.partnerId, 'A1', 'CZK'))!;
    const [month] = await world.accounts.statements(account, { limit: 1 });
    expect(tieOut(month!, await world.accounts.lines(month!, { limit: 10 }))).toEqual([]);
    for (const table of ['history_line', 'history_account']) {
      await expect(world.bank.dataSource.query(`DELETE FROM ${table} WHERE "importId" = $1`, [booked.id])).rejects.toThrow(/stay/);
    }
    await expect(world.bank.dataSource.query('DELETE FROM partner_account WHERE "partnerId" = $1', [who.partnerId])).rejects.toThrow();
    expect(breaches(await world.bank.verify())).toEqual([]);
  });

  it('that were taken back keep the lines that the books have entries of: a statement counts these by them', async () => {
    const who = caller();
    await world.bring(who, file(row('2020-01-01', 'A1', 10, 10)));
    const { id } = await world.upload(who, file(row('2020-02-01', 'A1', 5, 15), row('2020-02-02', 'A1', 5, 20)));
    await world.workOff();
    await world.done(world.imports.apply(who, { importId: id, allowOverdraft: true }));
    await world.worker.work();
    await world.bank.dataSource.query('UPDATE history_import SET undoing = true WHERE id = $1', [id]);
    await world.workOff();
    expect((await world.imports.read(who, id))!.status).toBe('REFUSED');
    await sweep();
    expect(await left(id)).toEqual([2, 1, 0]);
    await world.bring(who, file(row('2020-02-01', 'A1', 7, 17)));
    const account = (await world.accounts.byNumber(who.partnerId, 'A1', 'CZK'))!;
    for (const month of await world.accounts.statements(account, { limit: 10 })) {
      expect(tieOut(month, await world.accounts.lines(month, { limit: 10 }))).toEqual([]);
    }
    expect(breaches(await world.bank.verify())).toEqual([]);
  });
});
