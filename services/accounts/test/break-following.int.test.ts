import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { codeOf } from './support/operators';
import { bookingOf, type BookedRow, type Payload, reconciliationsOf, without } from './support/reconciliation-world';

// What later files and the books say of a break: it follows them, and is explained by them.
let world: PeopleWorld;
let recon: Awaited<ReturnType<typeof reconciliationsOf>>;
let ada: NewPerson;
let bob: NewPerson;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_break_following');
  recon = await reconciliationsOf(world);
  ({ ada, bob } = recon);
});
afterEach(async () => expect(await recon.bank.breaches()).toEqual([]));
afterAll(() => world.end());

describe('a break', () => {
  it('that was missing is explained by the later file that shows it: what was asked for before is not written off', async () => {
    const { orderId } = await recon.paidOut('13.00');
    const all = await recon.booked();
    await recon.reconcile([...without(all, orderId), recon.stranger()]);
    const [missing] = await recon.breaksOfOrder(orderId);
    expect(missing).toMatchObject({ class: 'MISSING', status: 'OPEN', difference: { amount: '13.00' } });
    await recon.work('assignBreak', { breakId: missing.id, reason: 'Mine' }, bob);
    const { approval } = await recon.writeOff(ada, missing.id);
    const later = await recon.reconcile([...all, recon.stranger()]);
    expect(await recon.breaksOfOrder(orderId)).toMatchObject([{ id: missing.id, status: 'RESOLVED', explainedBy: bookingOf(all, orderId).id, transactionId: null, closedAt: expect.any(String) }]);
    expect((await recon.trail(missing.id))[0]).toMatchObject({ action: 'EXPLAINED', actorId: null, reason: expect.stringContaining(later.id) });
    expect(JSON.parse((await recon.trail(missing.id))[0].before)).toEqual({ status: 'INVESTIGATING' });
    expect(codeOf(await recon.staff.approve(bob, approval))).toBe('NOT_ALLOWED');
    await recon.bank.readStatement();
  });

  it('follows what later files say of its booking, and is then written off as it is by now', async () => {
    const { orderId } = await recon.paidOut('21.00');
    const all = await recon.booked();
    const shown = (amount: bigint): BookedRow[] => [...without(all, orderId), { ...bookingOf(all, orderId), amount }, recon.stranger()];
    await recon.reconcile(shown(-2_000n));
    const [found] = await recon.breaksOfOrder(orderId);
    expect(found).toMatchObject({ class: 'DIFFERENT', reason: 'AMOUNT', difference: { amount: '1.00' } });
    const { approval: old } = await recon.writeOff(ada, found.id);
    await recon.reconcile(shown(-2_150n));
    expect(await recon.breaksOfOrder(orderId)).toMatchObject([{ id: found.id, status: 'OPEN', difference: { amount: '-0.50' } }]);
    const [followed] = await recon.trail(found.id);
    expect([followed.action, JSON.parse(followed.before), JSON.parse(followed.after)]).toEqual(['FOLLOWED',
      { class: 'DIFFERENT', reason: 'AMOUNT', difference: '100' }, { class: 'DIFFERENT', reason: 'AMOUNT', difference: '-50' }]);
    expect((await recon.staff.approve(bob, old)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED', message: 'The break is not what the request was made for.' }]);
    await recon.staff.cancel(ada, old.id);
    const { approval } = await recon.writeOff(ada, found.id);
    expect(approval).toMatchObject({ amount: { amount: '0.50' } });
    expect(codeOf(await recon.staff.approve(bob, approval))).toBe('OK');
    // Bank and books agree of this order now: what a file shows of it again is the same booking.
    const after = await recon.reconcile(shown(-2_150n));
    expect(after.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`)).toMatchObject([{ class: 'DIFFERENT', bookingId: found.bookingId }]);
    expect(await recon.breaksOfOrder(orderId)).toHaveLength(1);
    // A second booking of it is one too many, also where it fits better.
    const second = { ...bookingOf(all, orderId), id: `second-${orderId}`, amount: -2_100n };
    const run = await recon.reconcile([...without(all, orderId), second, recon.stranger()]);
    expect(run.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`)).toMatchObject([{ class: 'EXTRA', reason: 'DUPLICATE', bookingId: second.id }]);
    await recon.bank.readStatement();
  });

  it('is of a booking that an earlier file has had once already, and does not take that one away', async () => {
    const { orderId } = await recon.paidOut('14.00');
    const all = await recon.booked();
    await recon.reconcile(all);
    // Under a name that comes before that of the first: nothing but the first file says which was first.
    const second = { ...bookingOf(all, orderId), id: `0-again-${orderId}` };
    const run = await recon.reconcile([...without(all, orderId), second, recon.stranger()]);
    expect(run.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`)).toMatchObject([{ class: 'EXTRA', reason: 'DUPLICATE', bookingId: second.id }]);
    expect(await recon.breaksOfOrder(orderId)).toMatchObject([{ bookingId: second.id, status: 'OPEN', difference: { amount: '-14.00' } }]);
    await recon.bank.readStatement();
  });

  it('is none of an order that the bank has shown before we heard of its end', async () => {
    const { orderId, row } = await recon.unheard();
    const early = await recon.reconcile([row, recon.stranger()]);
    expect(early.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`)).toMatchObject([{ class: 'IN_TRANSIT', bookingId: row.id }]);
    await recon.bank.readStatement();
    const run = await recon.reconcile([recon.stranger()]);
    expect(run.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`)).toEqual([]);
    expect(await recon.breaksOfOrder(orderId)).toEqual([]);
  });

  it('that was different because we had not heard of the end is explained once the books have it, though no file shows it again', async () => {
    const { orderId, row } = await recon.unheard();
    await world.rows(`UPDATE bank_order SET "createdAt" = "createdAt" - interval '25 hours' WHERE id = $1 RETURNING id`, [orderId]);
    await recon.reconcile([row, recon.stranger()]);
    const [found] = await recon.breaksOfOrder(orderId);
    expect(found).toMatchObject({ class: 'DIFFERENT', reason: 'NOT_BOOKED', difference: { amount: '-33.00' }, bookingId: row.id });
    expect((await recon.writeOff(ada, found.id)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED', message: expect.stringContaining('under way') }]);
    await recon.bank.readStatement();
    await recon.reconcile([recon.stranger()]);
    expect(await recon.breaksOfOrder(orderId)).toMatchObject([{ id: found.id, status: 'RESOLVED', explainedBy: `order-${orderId}` }]);
  });

  it('that has moved is looked at again when somebody asks for its write-off', async () => {
    const { orderId, row } = await recon.unheard();
    await world.rows(`UPDATE bank_order SET "createdAt" = "createdAt" - interval '25 hours' WHERE id = $1 RETURNING id`, [orderId]);
    await recon.reconcile([row, recon.stranger()]);
    const [found] = await recon.breaksOfOrder(orderId);
    await recon.bank.readStatement();
    expect((await recon.writeOff(ada, found.id)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED', message: 'This break is closed.' }]);
    expect(await recon.breaksOfOrder(orderId)).toMatchObject([{ status: 'RESOLVED', explainedBy: `order-${orderId}` }]);
    expect((await recon.trail(found.id))[0]).toMatchObject({ action: 'EXPLAINED', actorId: null });
  });

  it('that was extra is explained when a later file pairs it with ours', async () => {
    // A booking under a name that comes to be an order's only later: the bank knew of the order before its file named it.
    const { orderId, row } = await recon.unheard();
    const alien = { ...row, reference: `unknown-${orderId}` };
    await recon.reconcile([alien, recon.stranger()]);
    expect(await recon.breakOf(row.id)).toMatchObject({ class: 'EXTRA', reason: 'UNKNOWN_REFERENCE', difference: { amount: '-33.00' } });
    await recon.bank.readStatement();
    await recon.reconcile([row, recon.stranger()]);
    expect(await recon.breakOf(row.id)).toMatchObject({ status: 'RESOLVED', explainedBy: `order-${orderId}` });
  });

  it('that was missing and written off is extra when the bank books it after all', async () => {
    const { orderId } = await recon.paidOut('12.00');
    const own = (row: BookedRow): boolean => row.reference === `order-${orderId}`;
    const all = await recon.booked();
    const run = await recon.reconcile([...all.filter((row) => !own(row)), recon.stranger()]);
    const missing = (await recon.breaks(ada, 'OPEN')).find(({ reference }) => reference === `order-${orderId}`);
    expect(missing).toMatchObject({ class: 'MISSING', reconciliationId: run.id, difference: { amount: '12.00' } });
    const { approval } = await recon.writeOff(ada, missing.id);
    expect(codeOf(await recon.staff.approve(bob, approval))).toBe('OK');
    const after = await recon.reconcile([...all, recon.stranger()]);
    expect(after.lines.filter(({ reference }: Payload) => reference === `order-${orderId}`)).toMatchObject([{ class: 'EXTRA', bankAmount: { amount: '-12.00' } }]);
    await recon.bank.readStatement();
  });

  it('that was extra and written off is not what the books have later: what they book then is missing', async () => {
    const { orderId: id } = await recon.paidOut('12.00');
    await recon.bank.readStatement();
    const ofReturn = ({ reference, kind }: { reference: string; kind: string }) => reference === `order-${id}` && kind === 'RETURNED';
    // The bank gives it back; its file says so before its statement is read.
    await recon.atBank(
      `INSERT INTO bank_booking (booking_id, idempotency_key, kind, amount, currency) VALUES (gen_random_uuid(), $1, 'RETURNED', 1200, 'USD')`, [`order-${id}`],
    );
    const all = await recon.booked();
    await recon.reconcile([...all, recon.stranger()]);
    const extra = await recon.breakOf(all.find(ofReturn)!.id);
    expect(extra).toMatchObject({ class: 'EXTRA', status: 'OPEN', difference: { amount: '12.00' } });
    expect(codeOf(await recon.staff.approve(bob, (await recon.writeOff(ada, extra.id)).approval))).toBe('OK');
    await recon.bank.readStatement();
    const run = await recon.reconcile([...all, recon.stranger()]);
    expect(run.lines.filter(ofReturn).map(({ class: c, bookingId }: Payload) => [c, bookingId]).sort()).toEqual([['EXTRA', extra.bookingId], ['MISSING', null]]);
    expect(await recon.breaksOfOrder(id)).toContainEqual(expect.objectContaining({ class: 'MISSING', status: 'OPEN', difference: { amount: '-12.00', currency: 'USD' } }));
  });
});
