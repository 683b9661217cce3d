import pg from 'pg';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { bankOf, type Holder } from './support/bank-world';
import { codeOf, operatorsOf } from './support/operators';

interface Row {
  id: string;
  reference: string;
  kind: string;
  amount: bigint;
  on: string;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Payload = any;

const BREAK = 'id class reason reference kind bookingId status assigneeId reconciliationId explainedBy transactionId closedAt difference { amount currency }';
const RECONCILE = `mutation ($input: ReconcileBankFileInput!) { reconcileBankFile(input: $input) { userErrors { code message field } reconciliation {
  id digest from to currency bankOpening { amount } bankClosing { amount } booksOpening { amount } booksClosing { amount } uploadedBy
  totals { class count bankAmount { amount } booksAmount { amount } }
  lines(first: 100) { edges { node { class reason reference kind bookingId bankAmount { amount } ownAmount { amount } bankBookedOn ownBookedOn } } } } } }`;

let world: PeopleWorld;
let bank: ReturnType<typeof bankOf>;
let staff: ReturnType<typeof operatorsOf>;
let ada: NewPerson;
let bob: NewPerson;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_reconciliations');
  bank = bankOf(world);
  staff = operatorsOf(world);
  ada = await staff.operator();
  bob = await staff.operator();
});
afterEach(async () => expect(await bank.breaches()).toEqual([]));
afterAll(() => world.end());

const day = (days = 0): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const decimal = (minor: bigint): string => `${minor < 0n ? '-' : ''}${String(minor < 0n ? -minor : minor).padStart(3, '0').replace(/(\d\d)$/, '.$1')}`;

/** All that the bank has booked. */
async function booked(): Promise<Row[]> {
  const session = new pg.Client({ connectionString: world.sandboxUrl });
  await session.connect();
  try {
    const { rows } = await session.query('SELECT booking_id AS id, idempotency_key AS reference, kind, amount::text, booked_at FROM bank_booking ORDER BY position');
    return rows.map((row) => ({ ...row, amount: BigInt(row.amount), on: row.booked_at.toISOString().slice(0, 10) }));
  } finally {
    await session.end();
  }
}

async function reconcile(rows: readonly Row[], change: object = {}, by = ada): Promise<Payload> {
  const csv = ['booking_id,reference,kind,amount,booked_on,name', ...rows.map((row) => `${row.id},${row.reference},${row.kind},${decimal(row.amount)},${row.on},Ada Lovelace`)].join('\n');
  const closing = rows.reduce((sum, { amount }) => sum + amount, 0n);
  const input = { currency: 'USD', from: day(-1), to: day(), openingBalance: '0.00', closingBalance: decimal(closing), csv, reason: 'The daily file', ...change };
  const { data, errors } = await world.ask(RECONCILE, { input }, by.as);
  if (errors) throw new Error(JSON.stringify(errors));
  const { reconciliation, userErrors } = data.reconcileBankFile;
  return reconciliation ? { ...reconciliation, userErrors, lines: reconciliation.lines.edges.map(({ node }: Payload) => node) } : { userErrors };
}

const about = (run: Payload, ids: readonly string[]): Payload[] =>
  run.lines.filter(({ reference }: Payload) => ids.map((id) => `order-${id}`).includes(reference));

async function breaks(by: NewPerson, status?: string): Promise<Payload[]> {
  const { data } = await world.ask(`query ($status: BreakStatus) { breaks(status: $status, first: 100) { edges { node { ${BREAK} } } } }`, { status }, by.as);
  return data.breaks.edges.map(({ node }: Payload) => node);
}

const breakOf = async (bookingId: string): Promise<Payload> => (await breaks(ada)).find((found) => found.bookingId === bookingId);

async function work(name: string, input: object, by: NewPerson): Promise<Payload> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input!`;
  const { data, errors } = await world.ask(`mutation ($input: ${type}) { ${name}(input: $input) { break { ${BREAK} } userErrors { code message field } } }`, { input }, by.as);
  if (errors) throw new Error(JSON.stringify(errors));
  return data[name];
}

async function trail(id: string): Promise<Payload[]> {
  const { data } = await world.ask('query ($id: ID!) { break(id: $id) { auditTrail { edges { node { action actorId reason before after } } } } }', { id }, ada.as);
  return data.break.auditTrail.edges.map(({ node }: Payload) => node);
}

let n = 0;
const stranger = (amount = 700n): Row => ({ id: `strange-${(n += 1)}`, reference: `fee-${n}`, kind: 'BOOKED', amount, on: day() });

async function paidOut(amount = '60.00'): Promise<{ holder: Holder; orderId: string }> {
  const holder = await bank.holder('settle', '100.00');
  const { transaction } = await bank.withdraw(holder, amount, `k${Math.random()}`);
  return { holder, orderId: transaction.id };
}

describe('a bank\'s file against the books', () => {
  it('matches what both have: withdrawals, top-ups and what came back', async () => {
    const { holder, orderId } = await paidOut();
    const topUp = (await bank.topUp(holder, '25.00', 'up')).transaction.id;
    await bank.readStatement();
    const run = await reconcile(await booked());
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
    const [missing, other, turned] = [await paidOut('10.00'), await paidOut('20.00'), await paidOut('30.00')];
    await bank.readStatement();
    const extra = stranger();
    const rows = (await booked()).filter(({ reference }) => reference !== `order-${missing.orderId}`).map((row) => ({
      ...row,
      amount: row.reference === `order-${other.orderId}` ? row.amount - 5n : row.reference === `order-${turned.orderId}` ? -row.amount : row.amount,
    }));
    const run = await reconcile([...rows, extra]);
    const found = (reference: string) => run.lines.filter((line: Payload) => line.reference === reference)
      .map(({ class: c, reason, bankAmount, ownAmount }: Payload) => [c, reason, bankAmount?.amount, ownAmount?.amount]);
    expect(found(`order-${missing.orderId}`)).toEqual([['MISSING', null, undefined, '-10.00']]);
    expect(found(`order-${other.orderId}`)).toEqual([['DIFFERENT', 'AMOUNT', '-20.05', '-20.00']]);
    expect(found(`order-${turned.orderId}`)).toEqual([['DIFFERENT', 'DIRECTION', '30.00', '-30.00']]);
    expect(found(extra.reference)).toEqual([['EXTRA', 'UNKNOWN_REFERENCE', '7.00', undefined]]);
    const opened = (await breaks(ada, 'OPEN')).filter(({ reconciliationId }) => reconciliationId === run.id).map((one) => [one.class, one.difference.amount]);
    expect(opened.sort()).toEqual([['DIFFERENT', '-0.05'], ['DIFFERENT', '60.00'], ['EXTRA', '7.00'], ['MISSING', '10.00']]);
    const apart = run.totals.reduce((sum: number, { bankAmount, booksAmount }: Payload) => sum + Math.round(Number(bankAmount.amount) * 100) - Math.round(Number(booksAmount.amount) * 100), 0);
    expect(apart).toBe(-5 + 6_000 + 700 + 1_000);
    expect(Math.round(Number(run.bankClosing.amount) * 100) - Math.round(Number(run.booksClosing.amount) * 100)).toBe(apart);
  });

  it('is one comparison for one file, also where it comes ten times at once, and opens a break once for several files', async () => {
    await bank.readStatement();
    const rows = [...(await booked()), stranger(100n)];
    const runs = await Promise.all(Array.from({ length: 10 }, () => reconcile(rows)));
    expect(new Set(runs.map(({ id }) => id)).size).toBe(1);
    const later = await reconcile(rows, { openingBalance: '1.00', closingBalance: decimal(rows.reduce((sum, { amount }) => sum + amount, 100n)) });
    expect(later.id).not.toBe(runs[0].id);
    const found = (await breaks(ada)).filter(({ bookingId }) => bookingId === rows.at(-1)!.id);
    expect(found).toMatchObject([{ reconciliationId: runs[0].id }]);
  });

  it('does not miss in the next file what an earlier one has shown', async () => {
    const { orderId } = await paidOut();
    await bank.readStatement();
    await reconcile(await booked());
    const run = await reconcile([stranger(1n)]);
    expect(run.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`)).toEqual([]);
  });

  it('leaves an order that is under way in transit', async () => {
    const holder = await bank.holder('silent', '100.00');
    await bank.withdraw(holder, '60.00', 'pending');
    const { id } = (await bank.orders(holder))[0]!;
    const run = await reconcile([...(await booked()), stranger()]);
    expect(about(run, [id])).toMatchObject([{ class: 'IN_TRANSIT', bankAmount: null, ownAmount: { amount: '-60.00' } }]);
    expect((await breaks(ada)).filter(({ reference }) => reference === `order-${id}`)).toEqual([]);
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
    expect(await reconcile([], change)).toEqual({ userErrors: [{ code: 'INVALID_INPUT', message: expect.any(String), field }] });
    expect((await world.rows('SELECT count(*)::int AS rows FROM reconciliation'))[0]).toEqual(before);
  });

  it('is for operators alone, and keeps no other column of the file', async () => {
    const customer = await world.signUp();
    await expect(reconcile([stranger()], {}, customer)).rejects.toThrow('FORBIDDEN');
    await reconcile([stranger()]);
    const kept = (await world.rows('SELECT l::text AS text FROM reconciliation_line l UNION ALL SELECT b::text FROM reconciliation_break b')).map((row) => row['text']).join();
    expect(kept).toContain('strange-');
    expect(kept).not.toContain('Lovelace');
  });
});

describe('a misfit of the daily statement', () => {
  it.each(['00000000-0000-4000-8000-000000000001', 'ffffffff-0000-4000-8000-000000000001'])('is a break at once, and the same one when the file shows it: %s', async (other) => {
    const { orderId } = await paidOut();
    const [before] = (await booked()).filter(({ reference }) => reference === `order-${orderId}`);
    const session = new pg.Client({ connectionString: world.sandboxUrl });
    await session.connect();
    // The bank books it a second time, under a name that comes before that of the first or after it.
    const columns = (await session.query(`SELECT string_agg(column_name, ', ') AS names FROM information_schema.columns
      WHERE table_name = 'bank_booking' AND column_name NOT IN ('position', 'booking_id')`)).rows[0].names;
    const { rows: [{ id: again }] } = await session.query(
      `INSERT INTO bank_booking (booking_id, ${columns}) SELECT $2::uuid, ${columns} FROM bank_booking WHERE booking_id = $1 RETURNING booking_id AS id`, [before!.id, other],
    );
    await session.end();
    await bank.readStatement();
    const found = await breakOf(again);
    expect(found).toMatchObject({ class: 'EXTRA', reason: 'BOOKED_TWICE', status: 'OPEN', difference: { amount: '-60.00' }, reconciliationId: null, reference: `order-${orderId}` });
    const run = await reconcile(await booked());
    expect(run.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`).map(({ class: c, bookingId }: Payload) => [c, bookingId]).sort())
      .toEqual([['EXTRA', again], ['MATCHED', before!.id]]);
    expect((await breaks(ada)).filter(({ reference }) => reference === `order-${orderId}`)).toHaveLength(1);
    expect(codeOf(await work('resolveBreak', { breakId: found.id, explainedBy: before!.id, reason: 'The bank took it back' }, ada))).toBe('OK');
  });
});

describe('a break', () => {
  const opened = async (amount = 700n): Promise<Payload> => {
    const row = stranger(amount);
    await reconcile([row]);
    return breakOf(row.id);
  };

  it('is taken, noted and resolved by what explains it, each with its entry in the trail', async () => {
    const { id, bookingId } = await opened();
    const later = stranger(-700n);
    await reconcile([later]);
    expect(codeOf(await work('noteBreak', { breakId: id, note: 'Asked the bank' }, ada))).toBe('OK');
    expect((await work('assignBreak', { breakId: id, reason: 'Mine' }, bob)).break).toMatchObject({ status: 'INVESTIGATING', assigneeId: bob.id });
    for (const explainedBy of [null, 'nothing', bookingId]) {
      expect(codeOf(await work('resolveBreak', { breakId: id, explainedBy, reason: 'So' }, bob))).toBe(explainedBy === null ? 'NOT_ALLOWED' : 'NOT_FOUND');
    }
    const { break: done } = await work('resolveBreak', { breakId: id, explainedBy: later.id, reason: 'Taken back the day after' }, bob);
    expect(done).toMatchObject({ status: 'RESOLVED', explainedBy: later.id, transactionId: null, closedAt: expect.any(String) });
    expect((await trail(id)).map(({ action, actorId, reason }) => [action, actorId, reason])).toEqual([
      ['RESOLVED', bob.id, 'Taken back the day after'], ['ASSIGNED', bob.id, 'Mine'], ['NOTED', ada.id, 'Asked the bank'],
    ]);
    const [resolved] = await trail(id);
    expect([JSON.parse(resolved.before), JSON.parse(resolved.after)]).toEqual([{ status: 'INVESTIGATING' }, { status: 'RESOLVED', explainedBy: later.id }]);
    for (const name of ['assignBreak', 'resolveBreak']) expect(codeOf(await work(name, { breakId: id, reason: 'Again' }, bob))).toBe('NOT_ALLOWED');
    expect(codeOf(await work('noteBreak', { breakId: id, note: 'Again' }, bob))).toBe('NOT_ALLOWED');
  });

  const writeOff = (by: NewPerson, breakId: string, key = `w${Math.random()}`): Promise<Payload> =>
    staff.call('requestBreakWriteOff', { breakId, reason: 'Too small to pursue', idempotencyKey: key }, by);

  it.each([['the bank has more', 700n, '7.00'], ['the bank has less', -450n, '4.50']])('where %s is written off by two persons, and the books follow the bank', async (_name, amount, size) => {
    const found = await opened(amount);
    const [settlement, off] = [await bank.systemBalance('BANK_SETTLEMENT'), await bank.systemBalance('WRITE_OFFS' as never)];
    const { approval } = await writeOff(ada, found.id);
    expect(approval).toMatchObject({ kind: 'BREAK_WRITE_OFF', subjectId: found.id, amount: { amount: size, currency: 'USD' } });
    expect(codeOf(await staff.approve(ada, approval))).toBe('NOT_ALLOWED');
    expect(codeOf(await writeOff(bob, found.id))).toBe('ALREADY_EXISTS');
    const done = await staff.approve(bob, approval);
    expect(done.approval).toMatchObject({ status: 'EXECUTED' });
    expect(await breakOf(found.bookingId)).toMatchObject({ status: 'WRITTEN_OFF', transactionId: done.approval.resultId });
    // Money at the bank is a debit of its mirror.
    expect((await bank.systemBalance('BANK_SETTLEMENT')) - settlement).toBe(-amount);
    expect((await bank.systemBalance('WRITE_OFFS' as never)) - off).toBe(amount);
    expect((await trail(found.id))[0]).toMatchObject({ action: 'WRITTEN_OFF', actorId: bob.id, reason: 'I have seen the receipt' });
    expect((await writeOff(ada, found.id)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED', message: 'This break is closed.' }]);
    const { data } = await world.ask('{ viewer { transactions { edges { node { id } } } } }', {}, bob.as);
    expect(data.viewer.transactions.edges).toEqual([]);
  });

  it('of a write-off and a resolution at once one holds', async () => {
    const found = await opened();
    const later = stranger(-700n);
    await reconcile([later]);
    const { approval } = await writeOff(ada, found.id);
    const [off, resolved] = await world.atOnce('reconciliation_break', 2, (index) =>
      (index === 0 ? staff.approve(bob, approval) : work('resolveBreak', { breakId: found.id, explainedBy: later.id, reason: 'Found it' }, ada)));
    expect([codeOf(off), codeOf(resolved)].sort()).toEqual(['NOT_ALLOWED', 'OK']);
    expect((await breakOf(found.bookingId)).status).toBe(codeOf(off) === 'OK' ? 'WRITTEN_OFF' : 'RESOLVED');
  });

  const ofOrder = async (orderId: string): Promise<Payload[]> => (await breaks(ada)).filter(({ reference }) => reference === `order-${orderId}`);
  const without = (rows: readonly Row[], orderId: string): Row[] => rows.filter(({ reference }) => reference !== `order-${orderId}`);
  const bookingOf = (rows: readonly Row[], orderId: string): Row => rows.find(({ reference }) => reference === `order-${orderId}`)!;

  it('that was missing is explained by the later file that shows it: what was asked for before is not written off', async () => {
    const { orderId } = await paidOut('13.00');
    const all = await booked();
    await reconcile([...without(all, orderId), stranger()]);
    const [missing] = await ofOrder(orderId);
    expect(missing).toMatchObject({ class: 'MISSING', status: 'OPEN', difference: { amount: '13.00' } });
    await work('assignBreak', { breakId: missing.id, reason: 'Mine' }, bob);
    const { approval } = await writeOff(ada, missing.id);
    const later = await reconcile([...all, stranger()]);
    expect(await ofOrder(orderId)).toMatchObject([{ id: missing.id, status: 'RESOLVED', explainedBy: bookingOf(all, orderId).id, transactionId: null, closedAt: expect.any(String) }]);
    expect((await trail(missing.id))[0]).toMatchObject({ action: 'EXPLAINED', actorId: null, reason: expect.stringContaining(later.id) });
    expect(JSON.parse((await trail(missing.id))[0].before)).toEqual({ status: 'INVESTIGATING' });
    expect(codeOf(await staff.approve(bob, approval))).toBe('NOT_ALLOWED');
    await bank.readStatement();
  });

  it('follows what later files say of its booking, and is then written off as it is by now', async () => {
    const { orderId } = await paidOut('21.00');
    const all = await booked();
    const shown = (amount: bigint): Row[] => [...without(all, orderId), { ...bookingOf(all, orderId), amount }, stranger()];
    await reconcile(shown(-2_000n));
    const [found] = await ofOrder(orderId);
    expect(found).toMatchObject({ class: 'DIFFERENT', reason: 'AMOUNT', difference: { amount: '1.00' } });
    const { approval: old } = await writeOff(ada, found.id);
    await reconcile(shown(-2_150n));
    expect(await ofOrder(orderId)).toMatchObject([{ id: found.id, status: 'OPEN', difference: { amount: '-0.50' } }]);
    const [followed] = await trail(found.id);
    expect([followed.action, JSON.parse(followed.before), JSON.parse(followed.after)]).toEqual(['FOLLOWED',
      { class: 'DIFFERENT', reason: 'AMOUNT', difference: '100' }, { class: 'DIFFERENT', reason: 'AMOUNT', difference: '-50' }]);
    expect((await staff.approve(bob, old)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED', message: 'The break is not what the request was made for.' }]);
    await staff.cancel(ada, old.id);
    const { approval } = await writeOff(ada, found.id);
    expect(approval).toMatchObject({ amount: { amount: '0.50' } });
    expect(codeOf(await staff.approve(bob, approval))).toBe('OK');
    // Bank and books agree of this order now: what a file shows of it again is the same booking.
    const after = await reconcile(shown(-2_150n));
    expect(after.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`)).toMatchObject([{ class: 'DIFFERENT', bookingId: found.bookingId }]);
    expect(await ofOrder(orderId)).toHaveLength(1);
    // A second booking of it is one too many, also where it fits better.
    const second = { ...bookingOf(all, orderId), id: `second-${orderId}`, amount: -2_100n };
    const run = await reconcile([...without(all, orderId), second, stranger()]);
    expect(run.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`)).toMatchObject([{ class: 'EXTRA', reason: 'DUPLICATE', bookingId: second.id }]);
    await bank.readStatement();
  });

  it('is of a booking that an earlier file has had once already, and does not take that one away', async () => {
    const { orderId } = await paidOut('14.00');
    const all = await booked();
    await reconcile(all);
    // Under a name that comes before that of the first: nothing but the first file says which was first.
    const second = { ...bookingOf(all, orderId), id: `0-again-${orderId}` };
    const run = await reconcile([...without(all, orderId), second, stranger()]);
    expect(run.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`)).toMatchObject([{ class: 'EXTRA', reason: 'DUPLICATE', bookingId: second.id }]);
    expect(await ofOrder(orderId)).toMatchObject([{ bookingId: second.id, status: 'OPEN', difference: { amount: '-14.00' } }]);
    await bank.readStatement();
  });

  /** An order that the bank has booked, and of which we have not heard. */
  async function unheard(): Promise<{ holder: Holder; orderId: string; row: Row }> {
    const holder = await bank.holder('statement-only', '100.00');
    await bank.withdraw(holder, '33.00', `k${Math.random()}`);
    const { id } = (await bank.orders(holder))[0]!;
    return { holder, orderId: id, row: bookingOf(await booked(), id) };
  }

  it('is none of an order that the bank has shown before we heard of its end', async () => {
    const { orderId, row } = await unheard();
    const early = await reconcile([row, stranger()]);
    expect(early.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`)).toMatchObject([{ class: 'IN_TRANSIT', bookingId: row.id }]);
    await bank.readStatement();
    const run = await reconcile([stranger()]);
    expect(run.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`)).toEqual([]);
    expect(await ofOrder(orderId)).toEqual([]);
  });

  it('that was different because we had not heard of the end is explained once the books have it, though no file shows it again', async () => {
    const { orderId, row } = await unheard();
    await world.rows(`UPDATE bank_order SET "createdAt" = "createdAt" - interval '25 hours' WHERE id = $1 RETURNING id`, [orderId]);
    await reconcile([row, stranger()]);
    const [found] = await ofOrder(orderId);
    expect(found).toMatchObject({ class: 'DIFFERENT', reason: 'NOT_BOOKED', difference: { amount: '-33.00' }, bookingId: row.id });
    expect((await writeOff(ada, found.id)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED', message: expect.stringContaining('under way') }]);
    await bank.readStatement();
    await reconcile([stranger()]);
    expect(await ofOrder(orderId)).toMatchObject([{ id: found.id, status: 'RESOLVED', explainedBy: `order-${orderId}` }]);
  });

  it('that has moved is looked at again when somebody asks for its write-off', async () => {
    const { orderId, row } = await unheard();
    await world.rows(`UPDATE bank_order SET "createdAt" = "createdAt" - interval '25 hours' WHERE id = $1 RETURNING id`, [orderId]);
    await reconcile([row, stranger()]);
    const [found] = await ofOrder(orderId);
    await bank.readStatement();
    expect((await writeOff(ada, found.id)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED', message: 'This break is closed.' }]);
    expect(await ofOrder(orderId)).toMatchObject([{ status: 'RESOLVED', explainedBy: `order-${orderId}` }]);
    expect((await trail(found.id))[0]).toMatchObject({ action: 'EXPLAINED', actorId: null });
  });

  it('that was extra is explained when a later file pairs it with ours', async () => {
    // A booking under a name that comes to be an order's only later: the bank knew of the order before its file named it.
    const { orderId, row } = await unheard();
    const alien = { ...row, reference: `unknown-${orderId}` };
    await reconcile([alien, stranger()]);
    expect(await breakOf(row.id)).toMatchObject({ class: 'EXTRA', reason: 'UNKNOWN_REFERENCE', difference: { amount: '-33.00' } });
    await bank.readStatement();
    await reconcile([row, stranger()]);
    expect(await breakOf(row.id)).toMatchObject({ status: 'RESOLVED', explainedBy: `order-${orderId}` });
  });

  it('stands in the list by its age, whatever its id is', async () => {
    const first = await opened();
    const second = await opened();
    // Misfits of before there were breaks have ids of another kind.
    await world.asOwner(`UPDATE reconciliation_break SET id = ('ffffffff-ffff-4fff-bfff-' || right(id::text, 12))::uuid WHERE id = '${first.id}'`);
    const { data } = await world.ask('{ breaks(first: 1) { edges { node { bookingId } } pageInfo { endCursor hasNextPage } } }', {}, ada.as);
    expect(data.breaks.edges).toEqual([{ node: { bookingId: second.bookingId } }]);
    const next = await world.ask('query ($after: String) { breaks(first: 1, after: $after) { edges { node { bookingId } } } }', { after: data.breaks.pageInfo.endCursor }, ada.as);
    expect(next.data.breaks.edges).toEqual([{ node: { bookingId: first.bookingId } }]);
  });

  it('that was missing and written off is extra when the bank books it after all', async () => {
    const { orderId } = await paidOut('12.00');
    const own = (row: Row): boolean => row.reference === `order-${orderId}`;
    const all = await booked();
    const run = await reconcile([...all.filter((row) => !own(row)), stranger()]);
    const missing = (await breaks(ada, 'OPEN')).find(({ reference }) => reference === `order-${orderId}`);
    expect(missing).toMatchObject({ class: 'MISSING', reconciliationId: run.id, difference: { amount: '12.00' } });
    const { approval } = await writeOff(ada, missing.id);
    expect(codeOf(await staff.approve(bob, approval))).toBe('OK');
    const after = await reconcile([...all, stranger()]);
    expect(after.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`)).toMatchObject([{ class: 'EXTRA', bankAmount: { amount: '-12.00' } }]);
    await bank.readStatement();
  });

  it('that was extra and written off is not what the books have later: what they book then is missing', async () => {
    const { orderId: id } = await paidOut('12.00');
    await bank.readStatement();
    const ofReturn = ({ reference, kind }: { reference: string; kind: string }) => reference === `order-${id}` && kind === 'RETURNED';
    // The bank gives it back; its file says so before its statement is read.
    const session = new pg.Client({ connectionString: world.sandboxUrl });
    await session.connect();
    await session.query(
      `INSERT INTO bank_booking (booking_id, idempotency_key, kind, amount, currency) VALUES (gen_random_uuid(), $1, 'RETURNED', 1200, 'USD')`, [`order-${id}`],
    );
    await session.end();
    const all = await booked();
    await reconcile([...all, stranger()]);
    const extra = await breakOf(all.find(ofReturn)!.id);
    expect(extra).toMatchObject({ class: 'EXTRA', status: 'OPEN', difference: { amount: '12.00' } });
    expect(codeOf(await staff.approve(bob, (await writeOff(ada, extra.id)).approval))).toBe('OK');
    await bank.readStatement();
    const run = await reconcile([...all, stranger()]);
    expect(run.lines.filter(ofReturn).map(({ class: c, bookingId }: Payload) => [c, bookingId]).sort()).toEqual([['EXTRA', extra.bookingId], ['MISSING', null]]);
    expect(await ofOrder(id)).toContainEqual(expect.objectContaining({ class: 'MISSING', status: 'OPEN', difference: { amount: '-12.00', currency: 'USD' } }));
  });

  it('of one currency is not touched by a booking of the same name of another', async () => {
    const row = stranger();
    await reconcile([row]);
    await reconcile([{ ...row, amount: 900n }], { currency: 'EUR' });
    expect((await breaks(ada)).filter(({ bookingId }) => bookingId === row.id)).toMatchObject([{ status: 'OPEN', difference: { amount: '7.00', currency: 'USD' } }]);
  });
});
