import { HistoryWorkService } from '../src/history-imports/history-work.service';
import { tieOut } from '../src/statements/statement.domain';
import { breaches } from './support/bank';
import { caller, type Caller, file, type Histories, openHistories, row } from './support/histories';

describe('a history that is on its way into the books', () => {
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
    ({ bank, imports, worker, accounts, done, toldOf, workOff, upload, bring } = await openHistories('history-under-way'));
  });
  afterAll(async () => {
    await bank.close();
  });

  /** All that its bank is shown of an account. */
  async function shown(who: Caller, number: string) {
    const account = await accounts.byNumber(who.partnerId, number, 'CZK');
    if (!account) return undefined;
    const months = await accounts.statements(account, { limit: 10 });
    const lines = await Promise.all(months.map((month) => accounts.lines(month, { limit: 5_000 })));
    const page = await accounts.page(who.partnerId, { limit: 10 });
    return { account, months, lines, listed: page.filter(({ id }) => id === account.id), ties: months.flatMap((month, index) => tieOut(month, lines[index]!)) };
  }
  /** Up and down around 12, and below zero at the end: 1,200 lines of A1 in the month of its last line and the next, one of B2. */
  const MORE = [
    ...Array.from({ length: 1_199 }, (_none, n) => row(n < 700 ? '2020-02-03' : '2020-03-04', 'A1', n % 2 ? -1 : 1, n % 2 ? 12 : 13)),
    row('2020-03-05', 'A1', -20, -7), row('2020-03-05', 'B2', 5, 5),
  ];

  it.each([
    ['booked', 'A1', false], ['taken back', 'A1', true],
  ])('shows nothing of itself on an account that is open, until it is there as a whole: %s', async (_how, number, undone) => {
    const who = caller();
    expect(await bring(who, file(row('2020-01-01', 'A1', 10, 10), row('2020-02-03', 'A1', 2, 12), row('2020-02-03', 'C3', 2, 2)))).toMatchObject({ status: 'DONE' });
    const before = await shown(who, number);
    expect(before).toMatchObject({ account: { balance: 1_200n, overdraft: 0n, lastBookedOn: '2020-02-03' }, ties: [] });
    const { id } = await upload(who, file(...MORE));
    await workOff();
    await done(imports.apply(who, { importId: id, allowOverdraft: true }));
    const statuses = new Set<string>();
    for (let step = 0; (await imports.read(who, id))!.status === 'APPLYING'; step++) {
      expect(await shown(who, number)).toEqual(before);
      // All is booked but for the end.
      if (undone && step === 3) await bank.asOwner('UPDATE history_import SET undoing = true WHERE id = $1', [id]);
      statuses.add(`${(await imports.read(who, id))!.appliedLines}`);
      await worker.work();
    }
    expect([...statuses]).toEqual(undone ? ['0', '500', '1000', '1201', '701', '201'] : ['0', '500', '1000', '1201']);
    if (undone) {
      expect(await imports.read(who, id)).toMatchObject({ status: 'REFUSED', appliedLines: 0 });
      expect(await shown(who, number)).toEqual(before);
    } else {
      const after = (await shown(who, number))!;
      expect(after).toMatchObject({ account: { balance: -700n, overdraft: 700n, lastBookedOn: '2020-03-05' }, ties: [] });
      expect(after.months.map(({ month, creditCount, debitCount, final }) => [month.name, creditCount + debitCount, final])).toEqual([['2020-03', 500, false], ['2020-02', 701, true], ['2020-01', 1, true]]);
    }
    expect(breaches(await bank.verify())).toEqual([]);
  }, 60_000);

  describe('that cannot be booked', () => {
    /** Works as the loop does, with a clock that is a quarter of an hour further at each piece. */
    async function workThrough(rounds: number): Promise<number> {
      let now = Date.now();
      let faults = 0;
      const later = new HistoryWorkService({ dataSource: bank.dataSource, now: () => new Date((now += 900_000)) });
      for (let n = 0; n < rounds; n++) await later.work().catch(() => (faults += 1));
      return faults;
    }
    const one = file(row('2020-01-01', 'A1', 10, 10));

    it('in time rest, and are booked once the database is as fast as ever', async () => {
      const who = caller();
      const { id } = await upload(who, one);
      await workOff();
      await done(imports.apply(who, { importId: id, allowOverdraft: false }));
      await bank.asOwner(`CREATE FUNCTION too_slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'too slow' USING ERRCODE = 'query_canceled'; END $$`);
      await bank.asOwner('CREATE TRIGGER too_slow BEFORE UPDATE ON history_line FOR EACH ROW EXECUTE FUNCTION too_slow()');
      expect(await workThrough(10)).toBe(10);
      expect(await imports.read(who, id)).toMatchObject({ status: 'APPLYING', problemCount: 0 });
      await bank.asOwner('DROP TRIGGER too_slow ON history_line');
      // Its clock begins anew, and comes to where the import looks again.
      await workThrough(60);
      expect(await imports.read(who, id)).toMatchObject({ status: 'DONE', appliedLines: 1 });
    });

    it.each([
      ['a balance that is another by then', 'UPDATE history_account SET closing = closing + 1 WHERE "importId" = $1', 1_202],
      ['an account that is full by then', `UPDATE account SET "debitsPosted" = 1000000000000000000, "creditsPosted" = "creditsPosted" + 1000000000000000000 - "debitsPosted"
         WHERE id IN (SELECT "accountId" FROM history_line WHERE "importId" = $1 AND line = 902)`, 2],
    ])('for %s, are taken back, and hold up no other bank', async (_what, sql, line) => {
      const [who, other] = [caller(), caller()];
      expect(await bring(who, one)).toMatchObject({ status: 'DONE' });
      const account = (await accounts.byNumber(who.partnerId, 'A1', 'CZK'))!;
      const before = await accounts.statements(account, { limit: 10 });
      const lines = [...Array.from({ length: 1_200 }, (_none, n) => row('2020-02-01', 'A1', n % 2 ? 1 : -11, n % 2 ? 10 - 10 * ((n + 1) / 2) : -1 - 10 * (n / 2))), row('2020-02-01', 'B2', 5, 5)];
      const { id } = await upload(who, file(...lines));
      await workOff();
      await done(imports.apply(who, { importId: id, allowOverdraft: true }));
      await bank.asOwner(sql, [id]);
      const { id: others } = await upload(other, one);
      await workThrough(60);
      expect(await imports.read(other, others)).toMatchObject({ status: 'CHECKED' });
      const refused = (await imports.read(who, id))!;
      expect(refused).toMatchObject({ status: 'REFUSED', appliedLines: 0, problemCount: 1, endedAt: expect.any(Date) });
      expect(await imports.problems(refused, { limit: 5 })).toEqual([{ line, code: 'NOT_BOOKED' }]);
      expect((await toldOf(who)).map(({ status }) => status)).toEqual(['DONE', 'REFUSED']);
      // As it was, floor and all; and the bank may bring the next.
      expect(await accounts.byNumber(who.partnerId, 'A1', 'CZK')).toEqual(account);
      expect(await accounts.statements(account, { limit: 10 })).toEqual(before);
      expect(await accounts.byNumber(who.partnerId, 'B2', 'CZK')).toBeUndefined();
      await bank.asOwner('UPDATE account SET "debitsPosted" = "debitsPosted" - 1000000000000000000, "creditsPosted" = "creditsPosted" - 1000000000000000000 WHERE id = $1 AND "debitsPosted" >= 1000000000000000000', [account.id]);
      expect(await bring(who, file(row('2020-02-01', 'A1', 5, 15), row('2020-02-01', 'B2', 5, 5)))).toMatchObject({ status: 'DONE' });
      const [february] = await accounts.statements(account, { limit: 10 });
      const next = (await accounts.byNumber(who.partnerId, 'A1', 'CZK'))!;
      const [month] = await accounts.statements(next, { limit: 10 });
      expect([february!.month.name, month!.month.name, month!.opening, month!.closing, month!.creditCount, month!.debitCount]).toEqual(['2020-01', '2020-02', 1_000n, 1_500n, 1, 0]);
      expect(tieOut(month!, await accounts.lines(month!, { limit: 10 }))).toEqual([]);
      expect(breaches(await bank.verify())).toEqual([]);
    }, 60_000);
  });
});
