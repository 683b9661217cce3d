import { createLogger } from '@tael/platform/log';
import { v7 as uuidv7 } from 'uuid';
import { auditTrail } from '../src/audit/audit.service';
import { expireDue, startDisputeLoop } from '../src/disputes/dispute.loop';
import { DisputeService, type OpenDispute } from '../src/disputes/dispute.service';
import { merchantInflowId } from '../src/ledger/account.ids';
import type { Caller } from '../src/transactions/transaction.domain';
import { eventually } from '@tael/testkit';
import { type Bank, breaches, type Customer, openBank, usd, USD } from './support/bank';

const DAY_MS = 86_400_000;
const log = createLogger({ service: 'test', level: 'silent' });

// Disputes on a real Postgres: who may what, and what of a refund, an answer, a decision and a deadline at once holds.
describe('disputes', () => {
  let bank: Bank;
  let owner: Customer;
  let till: Customer;
  let operator: Customer;
  let merchantId: string;
  let disputes: DisputeService;

  beforeAll(async () => {
    bank = await openBank('disputes');
    [owner, till, operator] = [await bank.customer(), await bank.customer(), await bank.customer({ operator: true })];
    merchantId = await bank.merchant({
      people: [owner.personId, till.personId],
      roles: [{ personId: owner.personId, role: 'OWNER' }, { personId: till.personId, role: 'CASHIER' }],
    });
    disputes = bank.services.disputes;
  });
  afterAll(async () => {
    await bank.close();
  });

  /** The service with a clock of its own. */
  const at = (milliseconds: number) =>
    new DisputeService({ dataSource: bank.dataSource, sealer: bank.sealer, now: () => new Date(Date.now() + milliseconds) });
  async function paid(minor = 5_000n): Promise<{ payer: Customer; payment: string }> {
    const payer = await bank.customer({ minor: 10_000n });
    const answer = await bank.services.payments.pay(payer, {
      walletId: payer.walletId, merchantId, amount: usd(minor), description: undefined, idempotencyKey: uuidv7(),
    });
    if (!answer.ok) throw new Error(JSON.stringify(answer.refusals));
    return { payer, payment: answer.transactionId };
  }
  const command = (transactionId: string, change: Partial<OpenDispute> = {}): OpenDispute => ({
    transactionId, reason: 'NOT_RECEIVED', description: 'It never came', amount: undefined, ...change,
  });
  async function opened(change: Partial<OpenDispute> = {}, minor = 5_000n) {
    const { payer, payment } = await paid(minor);
    const answer = await disputes.open(payer, command(payment, change));
    if (!answer.ok) throw new Error(JSON.stringify(answer.refusals));
    return { payer, payment, id: answer.dispute.id };
  }
  async function contested(change: Partial<OpenDispute> = {}) {
    const made = await opened(change);
    expect(codes(await disputes.contest(owner, { disputeId: made.id, evidence: 'It was handed over' }))).toBe('OK');
    return made;
  }
  const decide = (disputeId: string, decision: 'PERSON' | 'MERCHANT' = 'PERSON', by: Caller = operator) =>
    disputes.decide(by, { disputeId, decision, reason: 'The receipt says so' });
  const refund = (caller: Caller, transactionId: string, minor?: bigint) => bank.services.refunds.refund(caller, {
    transactionId, amount: minor === undefined ? undefined : usd(minor), reason: undefined, idempotencyKey: uuidv7(),
  });
  const codes = (answer: { ok: boolean; refusals?: readonly { code: string; reason?: string }[] }): string =>
    answer.ok ? 'OK' : answer.refusals!.map(({ code, reason }) => [code, reason].filter(Boolean).join(' ')).join();
  const row = async (id: string) => (await bank.dataSource.query('SELECT * FROM dispute WHERE id = $1', [id]))[0];
  const refundsOf = async (payment: string): Promise<bigint[]> =>
    (await bank.dataSource.query(`SELECT amount FROM ledger_tx WHERE "parentId" = $1 AND kind = 'REFUND' ORDER BY "recordedAt"`, [payment])).map(({ amount }: any) => amount);
  const told = async (id: string) => {
    const all = [...await bank.events('dispute.opened'), ...await bank.events('dispute.answered'), ...await bank.events('dispute.decided')];
    return all.filter(({ data }) => data.disputeId === id);
  };

  it('the merchant gives in: the money is back in the same answer, by a refund like any other', async () => {
    const { payer, payment, id } = await opened();
    const inflow = await bank.balance(merchantInflowId(merchantId, USD));
    const answer = await disputes.accept(owner, id);
    expect(answer).toMatchObject({ ok: true, dispute: { status: 'ACCEPTED', decision: 'PERSON', decidedBy: 'MERCHANT', refunded: 5_000n } });
    expect(await bank.balance(payer.walletId)).toBe(9_950n);
    expect(await bank.balance(merchantInflowId(merchantId, USD))).toBe(inflow - 5_000n);
    expect(await bank.services.transactions.viewOf(payment, payer)).toMatchObject({ status: 'REFUNDED' });
    const { refundId } = await row(id);
    expect((await bank.events('payment.refunded')).filter(({ data }) => data.paymentId === payment).map(({ data }) => data)).toMatchObject([
      { transactionId: refundId, amount: 5_000n, refundedTotal: 5_000n, refundOrdinal: 1, paymentAmount: 5_000n },
    ]);
    expect((await told(id)).map(({ type, data }) => [type, data.merchantPeople])).toEqual(
      ['dispute.opened', 'dispute.answered', 'dispute.decided'].map((type) => [type, [owner.personId]]));
    expect((await told(id))[2]!.data).toMatchObject({ outcome: 'PERSON', by: 'MERCHANT', refundId, refunded: 5_000n });
  });

  it('contested with evidence, an operator decides: for the merchant nothing moves', async () => {
    const { payer, payment, id } = await contested();
    const answer = await decide(id, 'MERCHANT');
    expect(answer).toMatchObject({
      dispute: { status: 'DECIDED', decision: 'MERCHANT', decidedBy: 'OPERATOR', refunded: 0n, refundId: null, evidence: 'It was handed over', decisionReason: 'The receipt says so' },
    });
    expect(await refundsOf(payment)).toEqual([]);
    expect(await bank.balance(payer.walletId)).toBe(4_950n);
    expect(codes(await disputes.open(payer, command(payment, { description: 'Once more' })))).toBe('ALREADY_EXISTS DISPUTE');
    expect(codes(await decide(id, 'PERSON'))).toBe('NOT_ALLOWED DISPUTE_STATUS');
    expect(codes(await decide(id, 'MERCHANT'))).toBe('OK');
    const text = JSON.stringify(await row(id), (_key, value) => (typeof value === 'bigint' ? String(value) : value));
    expect(text).not.toMatch(/never came|handed over|receipt/);
  });

  it('which an operator has decided stands in the trail once: who, what it was and came to, and not in what words', async () => {
    const [theirs, merchants] = [await contested({ amount: usd(3_000n) }), await contested()];
    for (let round = 0; round < 2; round++) {
      expect(codes(await decide(theirs.id, 'PERSON'))).toBe('OK');
      expect(codes(await decide(merchants.id, 'MERCHANT'))).toBe('OK');
    }
    const entry = (after: object) => ({
      actorId: operator.personId, action: 'DECIDED', before: { status: 'CONTESTED' }, after: { status: 'DECIDED', currency: 'USD', ...after },
      reason: 'As decisionReason of the dispute says',
    });
    const trail = (id: string) => auditTrail(bank.dataSource, { kind: 'DISPUTE', id }, { limit: 10, after: undefined });
    const { refundId } = await row(theirs.id);
    expect(refundId).not.toBeNull();
    expect(await trail(theirs.id)).toEqual([expect.objectContaining(entry({ decision: 'PERSON', refunded: '30.00', refundId }))]);
    expect(await trail(merchants.id)).toEqual([expect.objectContaining(entry({ decision: 'MERCHANT', refunded: '0.00', refundId: null }))]);
  });

  it('of a payment a part is disputed; what was refunded meanwhile is not won again', async () => {
    const { payment, id } = await contested({ amount: usd(3_000n) });
    expect(codes(await refund(owner, payment, 4_000n))).toBe('OK');
    expect(await row(id)).toMatchObject({ status: 'ACCEPTED', refunded: 0n });
    expect(await refundsOf(payment)).toEqual([4_000n]);
    const { payment: other, id: partly } = await contested({ amount: usd(3_000n) });
    expect(codes(await refund(owner, other, 1_000n))).toBe('OK');
    expect(await decide(partly)).toMatchObject({ dispute: { status: 'DECIDED', decision: 'PERSON', refunded: 2_000n } });
    expect(await refundsOf(other)).toEqual([1_000n, 2_000n]);
  });

  it('what was given back before it was opened was for something else, and counts against nothing', async () => {
    const { payer, payment } = await paid();
    expect(codes(await refund(owner, payment, 2_000n))).toBe('OK');
    const answer = await disputes.open(payer, command(payment, { amount: usd(2_000n) }));
    if (!answer.ok) throw new Error(codes(answer));
    expect(codes(await refund(owner, payment, 500n))).toBe('OK');
    expect(await disputes.accept(owner, answer.dispute.id)).toMatchObject({ dispute: { status: 'ACCEPTED', refunded: 1_500n } });
    expect(await refundsOf(payment)).toEqual([2_000n, 500n, 1_500n]);
  });

  it.each<[string, () => Promise<Caller>, string]>([
    ['the merchant', async () => owner, 'MERCHANT'], ['its cashier', async () => till, 'MERCHANT'], ['an operator', async () => operator, 'OPERATOR'],
  ])('once %s has given back what is disputed, it is ended for the person, and nothing goes back again', async (_who, caller, by) => {
    for (const state of ['OPEN', 'CONTESTED'] as const) {
      const { payer, payment, id } = await (state === 'OPEN' ? opened : contested)({ amount: usd(2_500n) });
      expect(codes(await refund(await caller(), payment, 1_000n))).toBe('OK');
      expect((await row(id)).status).toBe(state);
      expect(codes(await refund(await caller(), payment, 1_500n))).toBe('OK');
      expect(await row(id)).toMatchObject({ status: 'ACCEPTED', decision: 'PERSON', decidedBy: by, refunded: 0n, refundId: null, decidedAt: expect.any(Date) });
      expect((await told(id)).at(-1)).toMatchObject({ type: 'dispute.decided', data: { outcome: 'PERSON', by, refunded: 0n, refundId: null, amount: 2_500n } });
      await expireDue({ disputes: at(8 * DAY_MS), log });
      expect(codes(await decide(id))).toBe('NOT_ALLOWED DISPUTE_STATUS');
      expect(await refundsOf(payment)).toEqual([1_000n, 1_500n]);
      expect(await bank.balance(payer.walletId)).toBe(7_450n);
    }
  });

  it('a half that was given back is not given back again by the deadline', async () => {
    const { payment, id } = await opened({ amount: usd(2_500n) });
    expect(codes(await refund(owner, payment, 2_000n))).toBe('OK');
    await expireDue({ disputes: at(7 * DAY_MS), log });
    expect(await row(id)).toMatchObject({ status: 'DECIDED', decidedBy: 'DEADLINE', refunded: 500n });
    expect(await refundsOf(payment)).toEqual([2_000n, 500n]);
  });

  it('of one that an instance of the release before opened, the books say by time what was given back before', async () => {
    const { payer, payment } = await paid();
    expect(codes(await refund(owner, payment, 1_000n))).toBe('OK');
    const answer = await disputes.open(payer, command(payment, { amount: usd(3_000n) }));
    if (!answer.ok) throw new Error(codes(answer));
    await bank.asOwner(`UPDATE dispute SET "refundedBefore" = NULL, "createdAt" = clock_timestamp() WHERE id = '${answer.dispute.id}'`);
    expect(codes(await refund(owner, payment, 1_200n))).toBe('OK');
    expect(await disputes.accept(owner, answer.dispute.id)).toMatchObject({ dispute: { refunded: 1_800n } });
    expect(await refundsOf(payment)).toEqual([1_000n, 1_200n, 1_800n]);
  });

  it('is opened once, however often it is asked for at once; withdrawn it can be opened twice more', async () => {
    const { payer, payment } = await paid();
    const answers = await Promise.all(Array.from({ length: 8 }, () => disputes.open(payer, command(payment))));
    expect(new Set(answers.map((answer) => (answer.ok ? answer.dispute.id : codes(answer)))).size).toBe(1);
    expect(codes(await disputes.open(payer, command(payment, { reason: 'OTHER' })))).toBe('ALREADY_EXISTS DISPUTE');
    const others = await paid();
    const different = await Promise.all(Array.from({ length: 6 }, (_, index) => disputes.open(others.payer, command(others.payment, { description: `It ${index}` }))));
    expect(different.map(codes).sort()).toEqual([...Array(5).fill('ALREADY_EXISTS DISPUTE'), 'OK']);
    for (let round = 0; round < 3; round += 1) {
      const again = await disputes.open(payer, command(payment));
      if (!again.ok) throw new Error(codes(again));
      expect(codes(await disputes.withdraw(payer, again.dispute.id))).toBe('OK');
      expect(codes(await disputes.withdraw(payer, again.dispute.id))).toBe('OK');
      expect((await told(again.dispute.id)).at(-1)!.data).toMatchObject({ outcome: 'WITHDRAWN', by: 'PERSON', refunded: 0n });
    }
    expect(codes(await disputes.open(payer, command(payment)))).toBe('LIMIT_EXCEEDED DISPUTES');
  });

  it('refuses what is not the payer\'s, too much, too late, or no text', async () => {
    const { payer, payment } = await paid();
    const stranger = await bank.customer();
    expect(codes(await disputes.open(stranger, command(payment)))).toBe('NOT_FOUND');
    expect(codes(await disputes.open(payer, command(uuidv7())))).toBe('NOT_FOUND');
    expect(codes(await disputes.open(payer, command('none')))).toBe('NOT_FOUND');
    expect(codes(await disputes.open(owner, command(payment)))).toBe('NOT_ALLOWED');
    expect(codes(await disputes.open(payer, command(payment, { amount: usd(5_001n) })))).toBe('REFUND_EXCEEDS_PAYMENT');
    expect(codes(await disputes.open(payer, command(payment, { amount: usd(0n) })))).toBe('INVALID_INPUT NOT_POSITIVE');
    expect(codes(await disputes.open(payer, command(payment, { amount: { minor: 1n, currency: 'EUR' as never } })))).toBe('CURRENCY_MISMATCH');
    expect(codes(await disputes.open(payer, command(payment, { description: ' ' })))).toBe('INVALID_INPUT EMPTY');
    expect(codes(await at(121 * DAY_MS).open(payer, command(payment)))).toBe('NOT_ALLOWED DISPUTE_TOO_LATE');
    expect(codes(await refund(owner, payment))).toBe('OK');
    expect(codes(await disputes.open(payer, command(payment)))).toBe('REFUND_EXCEEDS_PAYMENT');
  });

  it('is answered by owners and managers alone; for a stranger it does not exist', async () => {
    const { payer, id } = await opened();
    const stranger = await bank.customer();
    for (const [who, expected] of [[till, 'NOT_ALLOWED'], [payer, 'NOT_ALLOWED'], [operator, 'NOT_ALLOWED'], [stranger, 'NOT_FOUND']] as const) {
      expect(codes(await disputes.accept(who, id))).toBe(expected);
      expect(codes(await disputes.contest(who, { disputeId: id, evidence: 'No' }))).toBe(expected);
    }
    for (const missing of [uuidv7(), 'none']) expect(codes(await disputes.accept(owner, missing))).toBe('NOT_FOUND');
    expect(codes(await decide(id))).toBe('NOT_ALLOWED DISPUTE_STATUS');
    expect(codes(await disputes.contest(owner, { disputeId: id, evidence: 'Handed over' }))).toBe('OK');
    expect(codes(await disputes.contest(owner, { disputeId: id, evidence: 'Handed over' }))).toBe('OK');
    expect(codes(await disputes.contest(owner, { disputeId: id, evidence: 'Changed' }))).toBe('NOT_ALLOWED DISPUTE_STATUS');
    expect(codes(await decide(id, 'MERCHANT', { ...owner, operator: true }))).toBe('NOT_ALLOWED OWN_DISPUTE');
    expect(codes(await decide(id, 'PERSON', { ...payer, operator: true }))).toBe('NOT_ALLOWED OWN_DISPUTE');
  });

  it('shows itself to those who may know of it', async () => {
    const { payer, payment, id } = await opened();
    const stranger = await bank.customer();
    const page = { limit: 100, after: undefined, status: undefined };
    for (const viewer of [payer, owner, till, operator]) expect((await disputes.reader.ofPayments([payment], viewer)).get(payment)?.id).toBe(id);
    expect((await disputes.reader.ofPayments([payment], stranger)).size).toBe(0);
    for (const viewer of [owner, till, operator]) expect((await disputes.reader.ofMerchant(merchantId, viewer, page))![0]!.id).toBe(id);
    for (const viewer of [payer, stranger]) expect(await disputes.reader.ofMerchant(merchantId, viewer, page)).toBeUndefined();
    expect(await disputes.reader.ofMerchant(uuidv7(), operator, page)).toBeUndefined();
    expect((await disputes.reader.ofPerson(payer.personId, page)).map((dispute) => dispute.id)).toEqual([id]);
    expect((await disputes.reader.ofMerchant(merchantId, owner, { ...page, status: 'OPEN' }))!.every(({ status }) => status === 'OPEN')).toBe(true);
    const [first, second] = await disputes.reader.all({ ...page, limit: 2 });
    expect((await disputes.reader.all({ ...page, after: first!.id, limit: 1 }))[0]!.id).toBe(second!.id);
  });

  describe('at once', () => {
    it('two answers, a withdrawal and each other: one holds, and money moves once at most', async () => {
      for (let round = 0; round < 6; round += 1) {
        const { payer, payment, id } = await opened();
        await Promise.all([
          disputes.accept(owner, id), disputes.contest(owner, { disputeId: id, evidence: 'No' }), disputes.accept(owner, id), disputes.withdraw(payer, id),
        ]);
        const { status, refunded } = await row(id);
        const refunds = await refundsOf(payment);
        expect(['ACCEPTED', 'WITHDRAWN']).toContain(status);
        expect(refunds).toEqual(status === 'ACCEPTED' ? [5_000n] : []);
        expect(refunded).toBe(status === 'ACCEPTED' ? 5_000n : 0n);
        expect((await told(id)).filter(({ type }) => type === 'dispute.decided')).toHaveLength(1);
      }
    });
    it('decisions both ways, many times: one holds', async () => {
      const { payment, id } = await contested();
      const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => decide(id, index % 2 ? 'PERSON' : 'MERCHANT')));
      const { decision } = await row(id);
      expect(answers.filter((answer) => answer.ok)).toHaveLength(4);
      expect(await refundsOf(payment)).toEqual(decision === 'PERSON' ? [5_000n] : []);
    });
    it('a decision and refunds never give back more than was paid', async () => {
      for (let round = 0; round < 5; round += 1) {
        const { payer, payment, id } = await contested({ amount: usd(3_000n) });
        await Promise.all([refund(owner, payment, 1_500n), decide(id), refund(owner, payment, 1_500n), refund(owner, payment, 1_500n)]);
        const refunds = await refundsOf(payment);
        const sum = refunds.reduce((total, amount) => total + amount, 0n);
        expect(sum).toBeLessThanOrEqual(5_000n);
        // The books say in which order they came: what was given back until the decision is what was disputed, no more.
        const [{ until }] = await bank.dataSource.query(
          `SELECT coalesce(sum(r.amount), 0)::bigint AS until FROM ledger_tx r JOIN dispute d ON d.id = $1 LEFT JOIN ledger_tx won ON won.id = d."refundId"
           WHERE r."parentId" = d."transactionId" AND r.kind = 'REFUND' AND (won.id IS NULL OR r."recordedAt" <= won."recordedAt")`, [id]);
        if ((await row(id)).refundId) expect(until).toBe(3_000n);
        else expect(until).toBeGreaterThanOrEqual(3_000n);
        expect(await bank.balance(payer.walletId)).toBe(4_950n + sum);
        const { refunded, refundId } = await row(id);
        const [{ amount }] = await bank.dataSource.query('SELECT coalesce((SELECT amount FROM ledger_tx WHERE id = $1), 0)::bigint AS amount', [refundId]);
        expect(refunded).toBe(amount);
      }
    });
    it('an opening and a refund: what is disputed is never more than was left', async () => {
      const { payer, payment } = await paid();
      const [answer] = await Promise.all([disputes.open(payer, command(payment)), refund(owner, payment, 2_000n)]);
      expect(answer.ok && [3_000n, 5_000n].includes(answer.dispute.amount)).toBe(true);
    });
    it('an answer and the deadline at the same instant: exactly one holds', async () => {
      for (let round = 0; round < 6; round += 1) {
        const { payment, id } = await opened();
        // Each has the clock of its own instance, a little before the deadline and a little after it.
        const { respondBy: deadline, transactionId } = await row(id);
        const around = deadline.getTime() - Date.now();
        const [answer] = await Promise.all([
          at(around - 60_000).contest(owner, { disputeId: id, evidence: 'In time' }), at(around + 60_000).expire({ id, transactionId }),
          at(around + 60_000).expire({ id, transactionId }),
        ]);
        const { status, decidedBy } = await row(id);
        expect([status, decidedBy]).toEqual(answer.ok ? ['CONTESTED', null] : ['DECIDED', 'DEADLINE']);
        expect(await refundsOf(payment)).toEqual(answer.ok ? [] : [5_000n]);
      }
    });
  });

  describe('the deadline', () => {
    it('decides for the person what nobody answered, once, however many instances work; the rest stays', async () => {
      const open = await opened();
      const [answered, withdrawn] = [await contested(), await opened()];
      await disputes.withdraw(withdrawn.payer, withdrawn.id);
      await expireDue({ disputes, log });
      expect((await row(open.id)).status).toBe('OPEN');
      await Promise.all([1, 2, 3].map(() => expireDue({ disputes: at(7 * DAY_MS), log })));
      expect(await row(open.id)).toMatchObject({ status: 'DECIDED', decision: 'PERSON', decidedBy: 'DEADLINE', deciderId: null, refunded: 5_000n });
      expect(await refundsOf(open.payment)).toEqual([5_000n]);
      expect((await told(open.id)).at(-1)!.data).toMatchObject({ by: 'DEADLINE', outcome: 'PERSON' });
      expect([(await row(answered.id)).status, (await row(withdrawn.id)).status]).toEqual(['CONTESTED', 'WITHDRAWN']);
      expect(codes(await disputes.accept(owner, open.id))).toBe('NOT_ALLOWED DISPUTE_STATUS');
    });
    it('what fails half-way leaves nothing, holds up nobody, and is decided in the next round', async () => {
      const [stuck, other] = [await opened(), await opened()];
      // The row cannot be ended, after its refund was booked in the same transaction.
      await bank.asOwner(`ALTER TABLE dispute ADD CONSTRAINT stuck CHECK (id <> '${stuck.id}' OR status = 'OPEN') NOT VALID`);
      await expireDue({ disputes: at(7 * DAY_MS), log });
      expect((await row(stuck.id)).status).toBe('OPEN');
      expect(await refundsOf(stuck.payment)).toEqual([]);
      expect((await told(stuck.id)).map(({ type }) => type)).toEqual(['dispute.opened']);
      expect((await row(other.id)).status).toBe('DECIDED');
      await bank.asOwner('ALTER TABLE dispute DROP CONSTRAINT stuck');
      const loop = startDisputeLoop({ disputes: at(7 * DAY_MS), log });
      await eventually(async () => expect((await row(stuck.id)).status).toBe('DECIDED'), { timeoutMs: 20_000 });
      await loop.stop();
      expect(await refundsOf(stuck.payment)).toEqual([5_000n]);
    });
  });

  it('has no deadlock, and leaves sound books', async () => {
    const [{ deadlocks }] = await bank.dataSource.query('SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()');
    expect(deadlocks).toBe(0n);
    expect(breaches(await bank.verify())).toEqual([]);
  });

  it.each([
    ['a second dispute of a payment', `INSERT INTO dispute SELECT (x).* FROM (SELECT jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid(), 'refundId', NULL, 'refunded', 0)) AS x FROM dispute d WHERE status = 'CONTESTED' LIMIT 1) y`, 'dispute_one_for_payment'],
    ['money for nobody', `UPDATE dispute SET refunded = 1 WHERE status = 'CONTESTED'`, 'dispute_refund_for_person'],
    ['more than was disputed', `UPDATE dispute SET refunded = amount + 1 WHERE status = 'ACCEPTED'`, 'dispute_amount_range'],
    ['an end without a decision', `UPDATE dispute SET status = 'DECIDED' WHERE status = 'CONTESTED'`, 'dispute_decided'],
  ])('the database refuses %s by itself', async (_what, statement, constraint) => {
    await contested();
    await expect(bank.asOwner(statement)).rejects.toMatchObject({ constraint });
  });
});
