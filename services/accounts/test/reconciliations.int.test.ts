import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { codeOf } from './support/operators';
import { day, decimal, type Payload, reconciliationsOf } from './support/reconciliation-world';

let world: PeopleWorld;
let recon: Awaited<ReturnType<typeof reconciliationsOf>>;
let ada: NewPerson;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_reconciliations');
  recon = await reconciliationsOf(world);
  ({ ada } = recon);
});
afterEach(async () => expect(await recon.bank.breaches()).toEqual([]));
afterAll(() => world.end());

const about = (run: Payload, ids: readonly string[]): Payload[] =>
  run.lines.filter(({ reference }: Payload) => ids.map((id) => `order-${id}`).includes(reference));

describe('a bank\'s file against the books', () => {
  it('matches what both have: withdrawals, top-ups and what came back', async () => {
    const { holder, orderId } = await recon.paidOut();
    const topUp = (await recon.bank.topUp(holder, '25.00', 'up')).transaction.id;
    await recon.bank.readStatement();
    const run = await recon.reconcile(await recon.booked());
    expect(about(run, [orderId, topUp])).toEqual(expect.arrayContaining([
      expect.objectContaining({ class: 'MATCHED', kind: 'BOOKED', bankAmount: { amount: '-60.00' }, ownAmount: { amount: '-60.00' } }),
      expect.objectContaining({ class: 'MATCHED', kind: 'BOOKED', bankAmount: { amount: '25.00' }, ownAmount: { amount: '25.00' } }),
    ]));
    expect(run.totals.map((total: Payload) => total.class)).toEqual(['MATCHED']);
    expect(run.booksClosing).toEqual(run.bankClosing);
    expect(run.booksOpening).toEqual({ amount: '0.00' });
    expect((await world.dump())).not.toContain('The daily file,Ada');
  });

  it('names missing, extra and different lines, opens a break for each, and its totals tie out', async () => {
    const [missing, other, turned] = [await recon.paidOut('10.00'), await recon.paidOut('20.00'), await recon.paidOut('30.00')];
    await recon.bank.readStatement();
    const extra = recon.stranger();
    const rows = (await recon.booked()).filter(({ reference }) => reference !== `order-${missing.orderId}`).map((row) => ({
      ...row,
      amount: row.reference === `order-${other.orderId}` ? row.amount - 5n : row.reference === `order-${turned.orderId}` ? -row.amount : row.amount,
    }));
    const run = await recon.reconcile([...rows, extra]);
    const found = (reference: string) => run.lines.filter((line: Payload) => line.reference === reference)
      .map(({ class: c, reason, bankAmount, ownAmount }: Payload) => [c, reason, bankAmount?.amount, ownAmount?.amount]);
    expect(found(`order-${missing.orderId}`)).toEqual([['MISSING', null, undefined, '-10.00']]);
    expect(found(`order-${other.orderId}`)).toEqual([['DIFFERENT', 'AMOUNT', '-20.05', '-20.00']]);
    expect(found(`order-${turned.orderId}`)).toEqual([['DIFFERENT', 'DIRECTION', '30.00', '-30.00']]);
    expect(found(extra.reference)).toEqual([['EXTRA', 'UNKNOWN_REFERENCE', '7.00', undefined]]);
    const opened = (await recon.breaks(ada, 'OPEN')).filter(({ reconciliationId }) => reconciliationId === run.id).map((one) => [one.class, one.difference.amount]);
    expect(opened.sort()).toEqual([['DIFFERENT', '-0.05'], ['DIFFERENT', '60.00'], ['EXTRA', '7.00'], ['MISSING', '10.00']]);
    const apart = run.totals.reduce((sum: number, { bankAmount, booksAmount }: Payload) => sum + Math.round(Number(bankAmount.amount) * 100) - Math.round(Number(booksAmount.amount) * 100), 0);
    expect(apart).toBe(-5 + 6_000 + 700 + 1_000);
    expect(Math.round(Number(run.bankClosing.amount) * 100) - Math.round(Number(run.booksClosing.amount) * 100)).toBe(apart);
  });

  it('is one comparison for one file, also where it comes ten times at once, and opens a break once for several files', async () => {
    await recon.bank.readStatement();
    const rows = [...(await recon.booked()), recon.stranger(100n)];
    const runs = await Promise.all(Array.from({ length: 10 }, () => recon.reconcile(rows)));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    const later = await recon.reconcile(rows, { openingBalance: '1.00', closingBalance: decimal(rows.reduce((sum, { amount }) => sum + amount, 100n)) });
    expect(later.id).not.toBe(runs[0].id);
    const found = (await recon.breaks()).filter(({ bookingId }) => bookingId === rows.at(-1)!.id);
    expect(found).toMatchObject([{ reconciliationId: runs[0].id }]);
  });

  it('does not miss in the next file what an earlier one has shown', async () => {
    const { orderId } = await recon.paidOut();
    await recon.bank.readStatement();
    await recon.reconcile(await recon.booked());
    const run = await recon.reconcile([recon.stranger(1n)]);
    expect(run.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`)).toEqual([]);
  });

  it('leaves an order that is under way in transit', async () => {
    const holder = await recon.bank.holder('silent', '100.00');
    await recon.bank.withdraw(holder, '60.00', 'pending');
    const { id } = (await recon.bank.orders(holder))[0]!;
    const run = await recon.reconcile([...(await recon.booked()), recon.stranger()]);
    expect(about(run, [id])).toMatchObject([{ class: 'IN_TRANSIT', bankAmount: null, ownAmount: { amount: '-60.00' } }]);
    expect((await recon.breaks()).filter(({ reference }) => reference === `order-${id}`)).toEqual([]);
  });

  it.each([
    [{ csv: 'booking_id,reference,kind,amount\nb,o,BOOKED,1.00' }, ['input', 'csv', '1', 'header']],
    [{ csv: `booking_id,reference,kind,amount,booked_on\nb,o,BOOKED,1.00,${day()}\nc,o,BOOKED,x,${day()}` }, ['input', 'csv', '3', 'amount']],
    [{ csv: 'booking_id,reference,kind,amount,booked_on\nb,"o,BOOKED,1.00' }, ['input', 'csv', '2', 'csv']],
    [{ closingBalance: '0.01' }, ['input', 'closingBalance']], [{ openingBalance: 'x' }, ['input', 'openingBalance']],
    [{ from: '2026-02-30' }, ['input', 'from']], [{ to: day(2) }, ['input', 'to']], [{ from: day(-40) }, ['input', 'to']],
    [{ reason: '' }, ['input', 'reason']], [{ csv: 'x'.repeat(200_001) }, ['input', 'csv']],
  ])('with %j is refused and keeps nothing', async (change, field) => {
    const before = (await world.rows('SELECT count(*)::int AS rows FROM reconciliation'))[0];
    expect(await recon.reconcile([], change)).toEqual({ userErrors: [{ code: 'INVALID_INPUT', message: expect.any(String), field }] });
    expect((await world.rows('SELECT count(*)::int AS rows FROM reconciliation'))[0]).toEqual(before);
  });

  it('is for operators alone, and keeps no other column of the file', async () => {
    const customer = await world.signUp();
    await expect(recon.reconcile([recon.stranger()], {}, customer)).rejects.toThrow('FORBIDDEN');
    await recon.reconcile([recon.stranger()]);
    const kept = (await world.rows('SELECT l::text AS text FROM reconciliation_line l UNION ALL SELECT b::text FROM reconciliation_break b')).map((row) => row['text']).join();
    expect(kept).toContain('strange-');
    expect(kept).not.toContain('Lovelace');
  });
});

describe('a misfit of the daily statement', () => {
  it.each(['00000000-0000-4000-8000-000000000001', 'ffffffff-0000-4000-8000-000000000001'])('is a break at once, and the same one when the file shows it: %s', async (other) => {
    const { orderId } = await recon.paidOut();
    const [before] = (await recon.booked()).filter(({ reference }) => reference === `order-${orderId}`);
    // The bank books it a second time, under a name that comes before that of the first or after it.
    const [{ names }] = await recon.atBank(`SELECT string_agg(column_name, ', ') AS names FROM information_schema.columns
      WHERE table_name = 'bank_booking' AND column_name NOT IN ('position', 'booking_id')`);
    const [{ id: again }] = await recon.atBank(
      `INSERT INTO bank_booking (booking_id, ${names}) SELECT $2::uuid, ${names} FROM bank_booking WHERE booking_id = $1 RETURNING booking_id AS id`, [before!.id, other],
    );
    await recon.bank.readStatement();
    const found = await recon.breakOf(again);
    expect(found).toMatchObject({ class: 'EXTRA', reason: 'BOOKED_TWICE', status: 'OPEN', difference: { amount: '-60.00' }, reconciliationId: null, reference: `order-${orderId}` });
    const run = await recon.reconcile(await recon.booked());
    expect(run.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`).map(({ class: c, bookingId }: Payload) => [c, bookingId]).sort())
      .toEqual([['EXTRA', again], ['MATCHED', before!.id]]);
    expect((await recon.breaks()).filter(({ reference }) => reference === `order-${orderId}`)).toHaveLength(1);
    expect(codeOf(await recon.work('resolveBreak', { breakId: found.id, explainedBy: before!.id, reason: 'The bank took it back' }, ada))).toBe('OK');
  });
});
