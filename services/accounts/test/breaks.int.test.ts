import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { codeOf } from './support/operators';
import { reconciliationsOf } from './support/reconciliation-world';

let world: PeopleWorld;
let recon: Awaited<ReturnType<typeof reconciliationsOf>>;
let ada: NewPerson;
let bob: NewPerson;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_breaks');
  recon = await reconciliationsOf(world);
  ({ ada, bob } = recon);
});
afterEach(async () => expect(await recon.bank.breaches()).toEqual([]));
afterAll(() => world.end());

describe('a break', () => {
  it('is taken, noted and resolved by what explains it, each with its entry in the trail', async () => {
    const { id, bookingId } = await recon.opened();
    const later = recon.stranger(-700n);
    await recon.reconcile([later]);
    expect(codeOf(await recon.work('noteBreak', { breakId: id, note: 'Asked the bank' }, ada))).toBe('OK');
    expect((await recon.work('assignBreak', { breakId: id, reason: 'Mine' }, bob)).break).toMatchObject({ status: 'INVESTIGATING', assigneeId: bob.id });
    for (const explainedBy of [null, 'nothing', bookingId]) {
      expect(codeOf(await recon.work('resolveBreak', { breakId: id, explainedBy, reason: 'So' }, bob))).toBe(explainedBy === null ? 'NOT_ALLOWED' : 'NOT_FOUND');
    }
    const { break: done } = await recon.work('resolveBreak', { breakId: id, explainedBy: later.id, reason: 'Taken back the day after' }, bob);
    expect(done).toMatchObject({ status: 'RESOLVED', explainedBy: later.id, transactionId: null, closedAt: expect.any(String) });
    expect((await recon.trail(id)).map(({ action, actorId, reason }) => [action, actorId, reason])).toEqual([
      ['RESOLVED', bob.id, 'Taken back the day after'], ['ASSIGNED', bob.id, 'Mine'], ['NOTED', ada.id, 'Asked the bank'],
    ]);
    const [resolved] = await recon.trail(id);
    expect([JSON.parse(resolved.before), JSON.parse(resolved.after)]).toEqual([{ status: 'INVESTIGATING' }, { status: 'RESOLVED', explainedBy: later.id }]);
    for (const name of ['assignBreak', 'resolveBreak']) expect(codeOf(await recon.work(name, { breakId: id, reason: 'Again' }, bob))).toBe('NOT_ALLOWED');
    expect(codeOf(await recon.work('noteBreak', { breakId: id, note: 'Again' }, bob))).toBe('NOT_ALLOWED');
  });

  it.each([['the bank has more', 700n, '7.00'], ['the bank has less', -450n, '4.50']])('where %s is written off by two persons, and the books follow the bank', async (_name, amount, size) => {
    const found = await recon.opened(amount);
    const [settlement, off] = [await recon.bank.systemBalance('BANK_SETTLEMENT'), await recon.bank.systemBalance('WRITE_OFFS' as never)];
    const { approval } = await recon.writeOff(ada, found.id);
    expect(approval).toMatchObject({ kind: 'BREAK_WRITE_OFF', subjectId: found.id, amount: { amount: size, currency: 'USD' } });
    expect(codeOf(await recon.staff.approve(ada, approval))).toBe('NOT_ALLOWED');
    expect(codeOf(await recon.writeOff(bob, found.id))).toBe('ALREADY_EXISTS');
    const done = await recon.staff.approve(bob, approval);
    expect(done.approval).toMatchObject({ status: 'EXECUTED' });
    expect(await recon.breakOf(found.bookingId)).toMatchObject({ status: 'WRITTEN_OFF', transactionId: done.approval.resultId });
    // Money at the bank is a debit of its mirror.
    expect((await recon.bank.systemBalance('BANK_SETTLEMENT')) - settlement).toBe(-amount);
    expect((await recon.bank.systemBalance('WRITE_OFFS' as never)) - off).toBe(amount);
    expect((await recon.trail(found.id))[0]).toMatchObject({ action: 'WRITTEN_OFF', actorId: bob.id, reason: 'I have seen the receipt' });
    expect((await recon.writeOff(ada, found.id)).userErrors).toMatchObject([{ code: 'NOT_ALLOWED', message: 'This break is closed.' }]);
    const { data } = await world.ask('{ viewer { transactions { edges { node { id } } } } }', {}, bob.as);
    expect(data.viewer.transactions.edges).toEqual([]);
  });

  it('of a write-off and a resolution at once one holds', async () => {
    const found = await recon.opened();
    const later = recon.stranger(-700n);
    await recon.reconcile([later]);
    const { approval } = await recon.writeOff(ada, found.id);
    const [off, resolved] = await world.atOnce('reconciliation_break', 2, (index) =>
      (index === 0 ? recon.staff.approve(bob, approval) : recon.work('resolveBreak', { breakId: found.id, explainedBy: later.id, reason: 'Found it' }, ada)));
    expect([codeOf(off), codeOf(resolved)].sort()).toEqual(['NOT_ALLOWED', 'OK']);
    expect((await recon.breakOf(found.bookingId)).status).toBe(codeOf(off) === 'OK' ? 'WRITTEN_OFF' : 'RESOLVED');
  });

  it('stands in the list by its age, whatever its id is', async () => {
    const first = await recon.opened();
    const second = await recon.opened();
    // Misfits of before there were breaks have ids of another kind.
    await world.asOwner(`UPDATE reconciliation_break SET id = ('ffffffff-ffff-4fff-bfff-' || right(id::text, 12))::uuid WHERE id = '${first.id}'`);
    const { data } = await world.ask('{ breaks(first: 1) { edges { node { bookingId } } pageInfo { endCursor hasNextPage } } }', {}, ada.as);
    expect(data.breaks.edges).toEqual([{ node: { bookingId: second.bookingId } }]);
    const next = await world.ask('query ($after: String) { breaks(first: 1, after: $after) { edges { node { bookingId } } } }', { after: data.breaks.pageInfo.endCursor }, ada.as);
    expect(next.data.breaks.edges).toEqual([{ node: { bookingId: first.bookingId } }]);
  });

  it('of one currency is not touched by a booking of the same name of another', async () => {
    const row = recon.stranger();
    await recon.reconcile([row]);
    await recon.reconcile([{ ...row, amount: 900n }], { currency: 'EUR' });
    expect((await recon.breaks()).filter(({ bookingId }) => bookingId === row.id)).toMatchObject([{ status: 'OPEN', difference: { amount: '7.00', currency: 'USD' } }]);
  });
});
