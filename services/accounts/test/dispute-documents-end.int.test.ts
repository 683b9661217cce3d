import { inTransaction } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import type { DisputeDocumentService } from '../src/dispute-documents/dispute-document.service';
import { DisputeService } from '../src/disputes/dispute.service';
import type { Caller } from '../src/transactions/transaction.domain';
import type { Bank, Customer } from './support/bank';
import { codes, disputeDocumentWorld, pdf } from './support/dispute-documents';

// Whatever changes the evidence is in before the deadline and the end, or it is not in at all.
describe('documents of disputes, the deadline and the end', () => {
  const world = disputeDocumentWorld('dispute_documents_end');
  const { at, opened, announce, announced, chunk, handedIn, listed, rowsOf, contest } = world;
  let bank: Bank;
  let owner: Customer;
  let operator: Customer;
  let documents: DisputeDocumentService;

  beforeAll(async () => {
    ({ bank, owner, operator, documents } = await world.open());
  });
  afterAll(() => bank.close());

  /** Lets a call wait for the dispute's lock, does something with the dispute meanwhile, and gives what the call answered. */
  async function whileWaiting<Answer>(disputeId: string, call: () => Promise<Answer>, meanwhile: (tx: { query: (sql: string, values?: unknown[]) => Promise<unknown> }) => Promise<unknown>) {
    let answer: Promise<Answer> | undefined;
    await inTransaction(bank.dataSource, async (tx) => {
      await tx.query('SELECT 1 FROM dispute WHERE id = $1 FOR NO KEY UPDATE', [disputeId]);
      answer = call();
      await eventually(async () => {
        const waiting = await bank.dataSource.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '/* disputeDocuments.lock */%'`);
        expect(waiting).toHaveLength(1);
      }, { describe: 'the call waits for the lock' });
      await meanwhile(tx);
    });
    return answer!;
  }
  const steps: [string, (by: Caller, disputeId: string, documentId: string, content: Buffer, service: DisputeDocumentService) => Promise<any>][] = [
    ['an announcement', (by, disputeId, _documentId, _content, service) => announce(by, disputeId, pdf(60), service)],
    ['the last chunk', (by, _disputeId, documentId, content, service) => chunk(by, documentId, 0, content, service)],
    ['a withdrawal', (by, _disputeId, documentId, _content, service) => service.withdraw(by, documentId)],
  ];

  it.each(steps)('%s counts before the deadline, and at its instant it is too late, for both sides', async (_what, step) => {
    for (const isMerchant of [false, true]) {
      const { payer, id, respondBy } = await opened();
      const by = isMerchant ? owner : payer;
      if (isMerchant) expect(codes(await contest(id))).toBe('OK');
      const content = pdf(80);
      const documentId = await announced(by, id, content);
      const before = await rowsOf(id);
      expect(codes(await step(by, id, documentId, content, at(() => respondBy)))).toBe('NOT_ALLOWED EVIDENCE_OVERDUE');
      expect(await rowsOf(id)).toEqual(before);
      expect(codes(await step(by, id, documentId, content, at(() => new Date(respondBy.getTime() - 1))))).toBe('OK');
      expect(await rowsOf(id)).not.toEqual(before);
    }
  });

  it.each(steps)('%s that waits for the lock when the deadline comes is too late', async (_what, step) => {
    const { payer, id, respondBy } = await opened();
    const content = pdf(80);
    const documentId = await announced(payer, id, content);
    const before = await rowsOf(id);
    let now = new Date(respondBy.getTime() - 1);
    const answer = await whileWaiting(id, () => step(payer, id, documentId, content, at(() => now)), async () => { now = respondBy; });
    expect(codes(answer)).toBe('NOT_ALLOWED EVIDENCE_OVERDUE');
    expect(await rowsOf(id)).toEqual(before);
  });

  it.each(steps)('%s that waits for the lock when somebody decides is too late', async (_what, step) => {
    const { payer, id } = await opened();
    const content = pdf(80);
    const documentId = await announced(payer, id, content);
    const before = await rowsOf(id);
    const answer = await whileWaiting(id, () => step(payer, id, documentId, content, documents), (tx) => tx.query(
      `UPDATE dispute SET status = 'DECIDED', decision = 'MERCHANT', "decidedBy" = 'OPERATOR', "decidedAt" = now() WHERE id = $1`, [id]));
    expect(codes(answer)).toBe('NOT_ALLOWED DISPUTE_STATUS');
    expect(await rowsOf(id)).toEqual(before);
  });

  it('of a last chunk and a decision at once, the document is in before the decision or not at all', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { payer, id } = await opened();
      expect(codes(await contest(id))).toBe('OK');
      const content = pdf(200);
      const documentId = await announced(payer, id, content);
      const decide = () => bank.services.disputes.decide(operator, { disputeId: id, decision: 'MERCHANT', reason: 'The receipt says so' });
      const add = () => chunk(payer, documentId, 0, content);
      const [first, second] = await Promise.all(round % 2 ? [add(), decide()] : [decide(), add()]);
      const [added, decided] = round % 2 ? [first, second] : [second, first];
      expect(codes(decided)).toBe('OK');
      expect(['OK', 'NOT_ALLOWED DISPUTE_STATUS']).toContain(codes(added));
      const [{ isIn, isInTime }] = await bank.dataSource.query(
        `SELECT x."storedAt" IS NOT NULL AS "isIn", x."storedAt" <= d."decidedAt" AS "isInTime" FROM dispute_document x JOIN dispute d ON d.id = x."disputeId" WHERE x.id = $1`,
        [documentId]);
      expect([isIn, isInTime]).toEqual(codes(added) === 'OK' ? [true, true] : [false, null]);
      expect(codes(await documents.withdraw(payer, documentId))).toBe('NOT_ALLOWED DISPUTE_STATUS');
    }
  });

  it('of a last chunk and the deadline\'s own decision at once, the document is in before it or not at all', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { payer, id, respondBy } = await opened();
      const [{ transactionId }] = await bank.dataSource.query('SELECT "transactionId" FROM dispute WHERE id = $1', [id]);
      const content = pdf(200);
      const documentId = await announced(payer, id, content);
      // The one sees a moment before the deadline and the other the deadline: the lock alone says who is first.
      const expiring = new DisputeService({ dataSource: bank.dataSource, sealer: bank.sealer, now: () => respondBy });
      const [added] = await Promise.all([
        chunk(payer, documentId, 0, content, at(() => new Date(respondBy.getTime() - 1))), expiring.expire({ id, transactionId }),
      ]);
      expect(await bank.dataSource.query('SELECT status FROM dispute WHERE id = $1', [id])).toEqual([{ status: 'DECIDED' }]);
      expect(['OK', 'NOT_ALLOWED DISPUTE_STATUS']).toContain(codes(added));
      expect(await rowsOf(id)).toMatchObject({ stored: codes(added) === 'OK' ? 1 : 0 });
    }
  });

  it('what is in is still read after the end, by both sides and operators', async () => {
    const { payer, id } = await opened();
    const documentId = await handedIn(payer, id);
    expect(codes(await bank.services.disputes.accept(owner, id))).toBe('OK');
    for (const viewer of [payer, owner, operator]) {
      expect(await listed(id, viewer)).toMatchObject([{ id: documentId, stored: true }]);
      expect(await documents.reader.content(documentId, 0, viewer)).toEqual(expect.any(String));
    }
  });
});
