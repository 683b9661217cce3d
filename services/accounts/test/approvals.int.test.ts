import { eventually } from '@tael/testkit';
import pg from 'pg';
import { type NewPerson, type PeopleWorld, startPeopleWorld } from './people-world';
import { bankOf } from './support/bank-world';
import { asOperator, codeOf, operatorsOf } from './support/operators';
import { secondFactorOf } from './support/second-factor';

let world: PeopleWorld;
let bank: ReturnType<typeof bankOf>;
let staff: ReturnType<typeof operatorsOf>;
let [ada, bob, customer]: NewPerson[] = [] as never;
beforeAll(async () => {
  world = await startPeopleWorld('accounts_approvals');
  bank = bankOf(world);
  staff = operatorsOf(world);
  ada = await staff.operator();
  bob = await staff.operator();
});
beforeEach(async () => {
  customer = await world.signUp();
});
afterEach(async () => expect(await bank.breaches()).toEqual([]));
afterAll(() => world.end());

const balance = (person: NewPerson = customer!) => bank.balance(person);

describe('two persons for a manual adjustment', () => {
  it('move nothing at the request and the amount at the approval, with event, transaction and trail', async () => {
    const asked = await staff.adjust(ada!, customer!.walletId);
    expect(asked).toMatchObject({
      approval: { kind: 'MANUAL_ADJUSTMENT', subjectId: customer!.walletId, status: 'REQUESTED', requestedBy: ada!.id, decidedBy: null, resultId: null,
        amount: { amount: '5.00', currency: 'USD' }, payload: '{"direction":"CREDIT"}' },
      userErrors: [],
    });
    expect(await balance()).toBe(0n);
    const { approval } = await staff.approve(bob!, asked.approval);
    expect(approval).toMatchObject({ status: 'EXECUTED', decidedBy: bob!.id, decisionReason: 'I have seen the receipt' });
    expect(await balance()).toBe(500n);
    const { data } = await world.ask('{ viewer { transactions { edges { node { id kind direction status amount { amount } balanceAfter { amount } } } } } }', {}, customer!.as);
    expect(data.viewer.transactions.edges).toEqual([{ node: {
      id: approval.resultId, kind: 'ADJUSTMENT_CREDIT', direction: 'IN', status: 'SETTLED', amount: { amount: '5.00' }, balanceAfter: { amount: '5.00' },
    } }]);
    expect((await world.events('wallet.adjusted')).filter(({ personId }) => personId === customer!.id)).toMatchObject([
      { transactionId: approval.resultId, amount: '500', direction: 'CREDIT', balanceAfter: '500', walletId: customer!.walletId },
    ]);
    const [executed, requested] = await staff.trail(ada!, approval.id);
    expect(requested).toMatchObject({ action: 'REQUESTED', actorId: ada!.id, before: null, reason: 'A fee was taken twice' });
    expect(JSON.parse(requested.after)).toMatchObject({ amount: '500', currency: 'USD', digest: asked.approval.digest, payload: { direction: 'CREDIT' } });
    expect(executed).toMatchObject({ action: 'EXECUTED', actorId: bob!.id, reason: 'I have seen the receipt' });
    expect([JSON.parse(executed.before), JSON.parse(executed.after)]).toEqual([{ status: 'REQUESTED' }, { status: 'EXECUTED', resultId: approval.resultId }]);
  });

  it('may not be one: who asked neither approves nor rejects, and nobody else takes it back', async () => {
    const { approval } = await staff.adjust(ada!, customer!.walletId);
    for (const refused of [await staff.approve(ada!, approval), await staff.reject(ada!, approval.id), await staff.cancel(bob!, approval.id)]) {
      expect(refused).toMatchObject({ approval: null, userErrors: [{ code: 'NOT_ALLOWED', field: ['input', 'approvalId'] }] });
    }
    expect(await balance()).toBe(0n);
    expect(codeOf(await staff.cancel(ada!, approval.id))).toBe('OK');
    expect(codeOf(await staff.approve(bob!, approval))).toBe('NOT_ALLOWED');
    expect(await balance()).toBe(0n);
  });

  it('is a fence of the database too: no row says that one person decided their own request, or another amount', async () => {
    const { approval } = await staff.adjust(ada!, customer!.walletId);
    const set = (values: string) => world.rows(`UPDATE approval SET ${values} WHERE id = $1`, [approval.id]);
    const decided = `status = 'EXECUTED', "decidedAt" = now(), "decisionReason" = 'x', "resultId" = id, "decidedBy" =`;
    await expect(set(`${decided} '${ada!.id}'`)).rejects.toMatchObject({ driverError: { constraint: 'approval_two_persons' } });
    await expect(set('amount = amount * 2')).rejects.toMatchObject({ driverError: { code: '23001' } });
    await expect(set(`payload = '{"direction":"DEBIT"}'`)).rejects.toMatchObject({ driverError: { code: '23001' } });
    await expect(set(`"requestedBy" = '${bob!.id}'`)).rejects.toMatchObject({ driverError: { code: '23001' } });
    await expect(world.rows('DELETE FROM approval')).rejects.toMatchObject({ driverError: { code: '42501' } });
    await staff.reject(bob!, approval.id);
    await expect(set(`status = 'REQUESTED', "decidedBy" = NULL, "decidedAt" = NULL, "decisionReason" = NULL`)).rejects.toMatchObject({ driverError: { code: '23001' } });
    await expect(world.rows('UPDATE audit_entry SET reason = reason')).rejects.toMatchObject({ driverError: { code: '42501' } });
    await expect(world.asOwner('UPDATE audit_entry SET reason = reason')).rejects.toMatchObject({ code: '23001' });
  });

  it('approve exactly what they saw: another digest is refused', async () => {
    const { approval } = await staff.adjust(ada!, customer!.walletId);
    const other = await staff.adjust(ada!, customer!.walletId, { amount: { amount: '500.00', currency: 'USD' } });
    expect(await staff.approve(bob!, { id: approval.id, digest: other.approval.digest })).toMatchObject({ userErrors: [{ code: 'INVALID_INPUT', field: ['input', 'digest'] }] });
    expect(await balance()).toBe(0n);
  });

  it.each([['two', 2], ['eight', 8]])('%s approvers at once do it once', async (_name, count) => {
    const { approval } = await staff.adjust(ada!, customer!.walletId);
    const others = await Promise.all(Array.from({ length: count }, () => staff.operator()));
    const answers = await world.atOnce('approval', count, (n) => staff.approve(others[n]!, approval));
    expect(answers.filter((answer) => codeOf(answer) === 'OK')).toHaveLength(1);
    expect(answers.filter((answer) => codeOf(answer) === 'NOT_ALLOWED')).toHaveLength(count - 1);
    expect(await balance()).toBe(500n);
  });

  it('gives the same answer to the same approver again, also where both come at once', async () => {
    const { approval } = await staff.adjust(ada!, customer!.walletId);
    const answers = await world.atOnce('approval', 2, () => staff.approve(bob!, approval));
    answers.push(await staff.approve(bob!, approval));
    expect(new Set(answers.map((answer) => answer.approval.resultId)).size).toBe(1);
    expect(await balance()).toBe(500n);
    expect(await staff.trail(ada!, approval.id)).toHaveLength(2);
  });

  it('whose connection dies between the posting and its end have moved nothing, and may approve again', async () => {
    const { approval } = await staff.adjust(ada!, customer!.walletId);
    const gate = new pg.Client({ connectionString: world.databaseUrl });
    await gate.connect();
    let lost: Promise<string>;
    try {
      await gate.query('BEGIN; LOCK TABLE outbox IN EXCLUSIVE MODE');
      lost = staff.approve(bob!, approval).then(codeOf, () => 'LOST');
      // Posted, and about to tell of it.
      const waiting = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INTO outbox%'`;
      await eventually(async () => expect(await world.rows(waiting)).toHaveLength(1));
      await world.rows(`SELECT pg_terminate_backend(pid) FROM (${waiting}) w`);
    } finally {
      await gate.end();
    }
    expect(await lost).toBe('LOST');
    expect(await balance()).toBe(0n);
    expect(await staff.list(ada!, 'REQUESTED')).toContainEqual({ id: approval.id, status: 'REQUESTED' });
    expect(codeOf(await staff.approve(bob!, approval))).toBe('OK');
    expect(await balance()).toBe(500n);
  });

  it('of an approval and a taking back at once one holds', async () => {
    const { approval } = await staff.adjust(ada!, customer!.walletId);
    const [approved, cancelled] = await world.atOnce('approval', 2, (n) => (n === 0 ? staff.approve(bob!, approval) : staff.cancel(ada!, approval.id)));
    expect([codeOf(approved), codeOf(cancelled)].sort()).toEqual(['NOT_ALLOWED', 'OK']);
    expect(await balance()).toBe(codeOf(approved) === 'OK' ? 500n : 0n);
  });
});

describe('a request', () => {
  it('under one key is one, also where ten come at once; another wish under the key is refused', async () => {
    const input = { idempotencyKey: 'one-key' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => staff.adjust(ada!, customer!.walletId, input)));
    expect(new Set(answers.map(({ approval }) => approval.id)).size).toBe(1);
    expect(codeOf(await staff.adjust(ada!, customer!.walletId, { ...input, direction: 'DEBIT' }))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect((await staff.adjust(bob!, customer!.walletId, input)).approval.id).not.toBe(answers[0].approval.id);
  });

  it('is looked at again when it is approved: what is gone meanwhile is not taken, and the request waits', async () => {
    await bank.fund(customer!, '10.00');
    const first = await staff.adjust(ada!, customer!.walletId, { direction: 'DEBIT', amount: { amount: '7.00', currency: 'USD' } });
    const second = await staff.adjust(ada!, customer!.walletId, { direction: 'DEBIT', amount: { amount: '7.00', currency: 'USD' } });
    expect(codeOf(await staff.approve(bob!, first.approval))).toBe('OK');
    expect(await staff.approve(bob!, second.approval)).toMatchObject({ approval: null, userErrors: [{ code: 'INSUFFICIENT_FUNDS', field: ['input', 'approvalId'] }] });
    expect(await balance()).toBe(300n);
    await bank.fund(customer!, '4.00');
    expect(codeOf(await staff.approve(bob!, second.approval))).toBe('OK');
    expect(await balance()).toBe(0n);
  });

  it.each([
    [{ amount: { amount: '0.00', currency: 'USD' } }, 'INVALID_INPUT', ['input', 'amount', 'amount']],
    [{ amount: { amount: '1.001', currency: 'USD' } }, 'INVALID_INPUT', ['input', 'amount', 'amount']],
    [{ amount: { amount: '1.00', currency: 'EUR' } }, 'CURRENCY_MISMATCH', ['input', 'amount', 'currency']],
    [{ direction: 'DEBIT' }, 'INSUFFICIENT_FUNDS', ['input', 'amount']],
    [{ walletId: 'none' }, 'NOT_FOUND', ['input', 'walletId']],
    [{ walletId: '0196a000-0000-7000-8000-00000000dead' }, 'NOT_FOUND', ['input', 'walletId']],
    [{ reason: ' ' }, 'INVALID_INPUT', ['input', 'reason']],
    [{ reason: 'x'.repeat(501) }, 'INVALID_INPUT', ['input', 'reason']],
    [{ idempotencyKey: '' }, 'INVALID_INPUT', ['input', 'idempotencyKey']],
  ])('with %j is refused: %s', async (change, code, field) => {
    expect(await staff.adjust(ada!, customer!.walletId, change)).toMatchObject({ approval: null, userErrors: [{ code, field }] });
  });

  it('about one\'s own wallet is neither made nor approved', async () => {
    expect(codeOf(await staff.adjust(ada!, ada!.walletId))).toBe('NOT_ALLOWED');
    const { approval } = await staff.adjust(ada!, bob!.walletId);
    expect(codeOf(await staff.approve(bob!, approval))).toBe('NOT_ALLOWED');
    expect(await balance(bob!)).toBe(0n);
  });

  it('is nobody\'s but an operator\'s to make, see or decide, and wants a session that lives', async () => {
    const { approval } = await staff.adjust(ada!, customer!.walletId);
    const { errors } = await world.ask('{ approvals { edges { node { id } } } }', {}, customer!.as);
    expect(errors![0]!.extensions['code']).toBe('FORBIDDEN');
    await expect(staff.approve(customer!, approval)).rejects.toThrow('FORBIDDEN');
    await expect(staff.adjust(customer!, customer!.walletId)).rejects.toThrow('FORBIDDEN');
    const ended = await staff.operator();
    await world.rows(`UPDATE session SET "endedAt" = now(), "endReason" = 'SIGNED_OUT' WHERE id = $1`, [ended.as.principal.sessionId]);
    expect(codeOf(await staff.approve(ended, approval))).toBe('SESSION_EXPIRED');
    expect(await balance()).toBe(0n);
  });
});

describe('an operator with a second factor', () => {
  it('approves with a step-up for exactly this request, once', async () => {
    const factor = secondFactorOf(world);
    const eve = asOperator(await factor.enrolled());
    const { approval } = await staff.adjust(ada!, customer!.walletId);
    const other = await staff.adjust(ada!, customer!.walletId);
    const stepUpId = await factor.approved(eve, { purpose: 'APPROVE_REQUEST', approval: { approvalId: approval.id, digest: approval.digest } });
    expect(codeOf(await staff.approve(eve, approval))).toBe('STEP_UP_REQUIRED');
    expect(codeOf(await staff.approve(eve, other.approval, { stepUpId }))).toBe('STEP_UP_REQUIRED');
    expect(await balance()).toBe(0n);
    expect(codeOf(await staff.approve(eve, approval, { stepUpId }))).toBe('OK');
    expect(codeOf(await staff.approve(eve, other.approval, { stepUpId }))).toBe('STEP_UP_REQUIRED');
    expect(await balance()).toBe(500n);
  });
});

describe('ledger:verify', () => {
  // what an owner of the database changes -> the check that says so
  it.each([
    ['the transaction of an approval', `"resultId" = id`, 'has exactly its transaction'],
    ['what was approved', 'amount = amount + 1', 'has exactly its transaction'],
    ['who approved', `"decidedBy" = (SELECT id FROM person WHERE id NOT IN ("decidedBy", "requestedBy") LIMIT 1)`, 'decided by another person'],
    ['the decision', `status = 'REJECTED', "resultId" = NULL`, 'has exactly its transaction'],
  ])('sees a change of %s', async (_what, change, check) => {
    const { approval } = await staff.adjust(ada!, customer!.walletId);
    const { approval: { resultId } } = await staff.approve(bob!, approval);
    const set = (values: string) => world.asOwner(
      `ALTER TABLE approval DISABLE TRIGGER approval_fixed; UPDATE approval SET ${values} WHERE id = '${approval.id}';
       ALTER TABLE approval ENABLE TRIGGER approval_fixed`,
    );
    await set(change);
    const found = await bank.breaches();
    await set(`status = 'EXECUTED', "resultId" = '${resultId}', amount = 500, "decidedBy" = '${bob!.id}'`);
    expect(found.filter((breach) => breach.includes(approval.id))).toEqual(expect.arrayContaining([expect.stringContaining(check)]));
  });
});

// The clock goes a day on here: this comes last.
describe('a request that nobody decides', () => {
  it('expires after 24 hours, and cannot be decided then', async () => {
    const { approval } = await staff.adjust(ada!, customer!.walletId);
    const late = await staff.adjust(ada!, customer!.walletId);
    const until = new Date((await world.rows('SELECT "expiresAt" FROM approval WHERE id = $1', [late.approval.id]))[0]!['expiresAt'] as Date).getTime();
    world.later(until - world.now().getTime() - 60_000);
    expect(codeOf(await staff.approve(bob!, approval))).toBe('OK');
    world.later(60_000);
    expect(await staff.list(ada!, 'EXPIRED')).toContainEqual({ id: late.approval.id, status: 'EXPIRED' });
    expect((await staff.list(ada!, 'REQUESTED')).map(({ id }) => id)).not.toContain(late.approval.id);
    for (const refused of [await staff.approve(bob!, late.approval), await staff.reject(bob!, late.approval.id), await staff.cancel(ada!, late.approval.id)]) {
      expect(refused.userErrors[0].message).toBe('Nobody decided this request in time. Ask for it anew.');
    }
    expect(await balance()).toBe(500n);
  });
});
