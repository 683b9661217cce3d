import { createHash, randomBytes } from 'node:crypto';
import { inTransaction } from '@tael/platform/postgres';
import { CHUNK_BYTES, chunkCount } from '@tael/platform/uploads';
import { eventually } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { startDisputeDocumentLoop } from '../src/dispute-documents/dispute-document.loop';
import { DisputeDocumentService } from '../src/dispute-documents/dispute-document.service';
import { DisputeService } from '../src/disputes/dispute.service';
import type { Caller } from '../src/transactions/transaction.domain';
import { createLogger } from '@tael/platform/log';
import { type Bank, type Customer, openBank, usd } from './support/bank';

const DAY_MS = 86_400_000;

// Evidence as documents on a real Postgres: what holds of a chunk, a limit, the deadline, a decision and a sweep at once.
describe('documents of disputes', () => {
  let bank: Bank;
  let owner: Customer;
  let manager: Customer;
  let till: Customer;
  let operator: Customer;
  let merchantId: string;
  let documents: DisputeDocumentService;

  beforeAll(async () => {
    bank = await openBank('dispute_documents');
    [owner, manager, till, operator] = [await bank.customer(), await bank.customer(), await bank.customer(), await bank.customer({ operator: true })];
    merchantId = await bank.merchant({
      people: [owner.personId, manager.personId, till.personId],
      roles: [
        { personId: owner.personId, role: 'OWNER' }, { personId: manager.personId, role: 'MANAGER' }, { personId: till.personId, role: 'CASHIER' },
      ],
    });
    documents = at(() => new Date());
  });
  afterAll(() => bank.close());

  const at = (now: () => Date) => new DisputeDocumentService({ dataSource: bank.dataSource, sealer: bank.sealer, now });
  const codes = (answer: { ok: boolean; refusals?: readonly { code: string; reason?: string }[] }): string =>
    answer.ok ? 'OK' : answer.refusals!.map(({ code, reason }) => [code, reason].filter(Boolean).join(' ')).join();

  async function opened(payer?: Customer): Promise<{ payer: Customer; id: string; respondBy: Date }> {
    const person = payer ?? await bank.customer({ minor: 10_000n });
    const paid = await bank.services.payments.pay(person, {
      walletId: person.walletId, merchantId, amount: usd(500n), description: undefined, idempotencyKey: uuidv7(),
    });
    if (!paid.ok) throw new Error(codes(paid));
    const answer = await bank.services.disputes.open(person, {
      transactionId: paid.transactionId, reason: 'NOT_RECEIVED', description: 'It never came', amount: undefined,
    });
    if (!answer.ok) throw new Error(codes(answer));
    return { payer: person, id: answer.dispute.id, respondBy: answer.dispute.respondBy };
  }
  const pdf = (size: number): Buffer => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(size)]).subarray(0, size);
  const announce = (by: Caller, disputeId: string, content: Buffer, service = documents) => service.announce(by, {
    disputeId, kind: 'RECEIPT', size: content.length, sha256: createHash('sha256').update(content).digest('hex'),
  });
  async function announced(by: Caller, disputeId: string, content: Buffer): Promise<string> {
    const answer = await announce(by, disputeId, content);
    if (!answer.ok) throw new Error(codes(answer));
    return answer.document.id;
  }
  const chunk = (by: Caller, documentId: string, number: number, content: Buffer, service = documents) => service.addChunk(by, {
    documentId, number, content: content.subarray(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES).toString('base64'),
  });
  async function handedIn(by: Caller, disputeId: string, content = pdf(300)): Promise<string> {
    const documentId = await announced(by, disputeId, content);
    for (let number = 0; number < chunkCount(content.length); number += 1) expect(codes(await chunk(by, documentId, number, content))).toBe('OK');
    return documentId;
  }
  const listed = async (disputeId: string, viewer: Caller) => (await documents.reader.ofDisputes([disputeId], viewer)).get(disputeId) ?? [];
  /** What stands of a dispute's documents: how many, whole ones and chunks. */
  async function rowsOf(disputeId: string): Promise<{ documents: number; stored: number; chunks: number }> {
    const [row] = await bank.dataSource.query(
      `SELECT count(DISTINCT x.id)::int AS documents, count(DISTINCT x.id) FILTER (WHERE x."storedAt" IS NOT NULL)::int AS stored, count(c.id)::int AS chunks
       FROM dispute_document x LEFT JOIN dispute_document_chunk c ON c."documentId" = x.id WHERE x."disputeId" = $1`, [disputeId]);
    return row;
  }
  const trail = async (disputeId: string) =>
    (await documents.reader.trail(disputeId, { limit: 100, after: undefined })).reverse().map(({ action, actorId, before, after, reason }) => ({ action, actorId, before, after, reason }));
  const contest = (disputeId: string) => bank.services.disputes.contest(owner, { disputeId, evidence: 'It was handed over' });

  it('comes in chunk by chunk and goes out as it was: for both sides and operators, and nobody else', async () => {
    const { payer, id } = await opened();
    const content = pdf(2 * CHUNK_BYTES + 11);
    const documentId = await announced(payer, id, content);
    for (let number = 0; number < 3; number += 1) {
      expect(await chunk(payer, documentId, number, content)).toMatchObject({ ok: true, document: { nextChunk: number + 1, stored: number === 2, mediaType: 'application/pdf' } });
      for (const other of [owner, operator]) expect(await listed(id, other)).toHaveLength(number === 2 ? 1 : 0);
      if (number < 2) expect(await documents.reader.content(documentId, 0, payer)).toBeNull();
    }
    for (const viewer of [payer, owner, manager, operator]) {
      const parts = await Promise.all([0, 1, 2].map((number) => documents.reader.content(documentId, number, viewer)));
      expect(Buffer.concat(parts.map((part) => Buffer.from(part!, 'base64'))).equals(content)).toBe(true);
      expect(await documents.reader.content(documentId, 3, viewer)).toBeNull();
    }
    const stranger = await bank.customer();
    for (const viewer of [till, stranger]) expect(await documents.reader.content(documentId, 0, viewer)).toBeNull();
    expect([(await listed(id, till)).length, (await listed(id, stranger)).length]).toEqual([1, 0]);
    expect(await listed(id, owner)).toMatchObject([{ id: documentId, side: 'PERSON', kind: 'RECEIPT', size: content.length, chunkCount: 3, stored: true }]);
  });

  it('a chunk that comes again is passed over, at once or later; of two in one place one is taken', async () => {
    const { payer, id } = await opened();
    const content = pdf(2 * CHUNK_BYTES);
    const documentId = await announced(payer, id, content);
    const same = await Promise.all(Array.from({ length: 6 }, () => chunk(payer, documentId, 0, content)));
    expect(same.map((answer) => (answer.ok ? answer.document.nextChunk : codes(answer)))).toEqual(Array(6).fill(1));
    expect(codes(await chunk(payer, documentId, 2, content))).toBe('INVALID_INPUT DOCUMENT_CHUNK_NOT_DUE');
    expect(codes(await chunk(payer, documentId, 0, pdf(CHUNK_BYTES)))).toBe('INVALID_INPUT DOCUMENT_CHUNK_CHANGED');
    for (const number of [1, 1, 0]) expect(codes(await chunk(payer, documentId, number, content))).toBe('OK');
    expect(await rowsOf(id)).toEqual({ documents: 1, stored: 1, chunks: 2 });

    const other = await announced(owner, id, content);
    const different = await Promise.all([content, pdf(CHUNK_BYTES), pdf(CHUNK_BYTES)].map((of, index) => chunk(index === 1 ? manager : owner, other, 0, of)));
    expect(different.map(codes).sort()).toEqual(['INVALID_INPUT DOCUMENT_CHUNK_CHANGED', 'INVALID_INPUT DOCUMENT_CHUNK_CHANGED', 'OK']);
    expect((await trail(id)).map(({ action, actorId }) => [action, actorId])).toEqual([['DOCUMENT_ADDED', payer.personId]]);
  });

  it.each<[string, (content: Buffer) => Buffer, string]>([
    ['a web page', (content) => Buffer.concat([Buffer.from('<!doctype html>'), content]).subarray(0, content.length), 'INVALID_INPUT MEDIA_TYPE'],
    ['another content than announced', (content) => Buffer.concat([content.subarray(0, -1), Buffer.from([content.at(-1)! ^ 1])]), 'INVALID_INPUT SHA256'],
    ['less than announced', (content) => content.subarray(0, -1), 'INVALID_INPUT CHUNK_LENGTH'],
    ['more than announced', (content) => Buffer.concat([content, Buffer.from('x')]), 'INVALID_INPUT CHUNK_LENGTH'],
  ])('%s is refused, and nothing of it is kept', async (_what, change, expected) => {
    const { payer, id } = await opened();
    const content = pdf(500);
    const documentId = await announced(payer, id, content);
    expect(codes(await chunk(payer, documentId, 0, change(content)))).toBe(expected);
    expect(await rowsOf(id)).toEqual({ documents: 1, stored: 0, chunks: 0 });
    expect(codes(await chunk(payer, documentId, 0, content))).toBe('OK');
  });

  it('refuses an announcement of nothing, of too much, of no sum, and by whom it is no business of', async () => {
    const { payer, id } = await opened();
    const of = (by: Caller, change: object) => documents.announce(by, { disputeId: id, kind: 'OTHER', size: 5, sha256: 'ab'.repeat(32), ...change });
    expect(codes(await of(payer, { size: 0 }))).toBe('INVALID_INPUT DOCUMENT_SIZE');
    expect(codes(await of(payer, { size: 5_242_881 }))).toBe('INVALID_INPUT DOCUMENT_SIZE');
    expect(codes(await of(payer, { sha256: 'abc' }))).toBe('INVALID_INPUT SHA256_FORM');
    for (const disputeId of ['none', uuidv7()]) expect(codes(await of(operator, { disputeId }))).toBe('NOT_FOUND');
    expect([await of(till, {}), await of(operator, {}), await of(await bank.customer(), {})].map(codes)).toEqual(['NOT_ALLOWED', 'NOT_ALLOWED', 'NOT_FOUND']);
    expect(await rowsOf(id)).toEqual({ documents: 0, stored: 0, chunks: 0 });
    expect(codes(await of(payer, {}))).toBe('OK');
    expect(codes(await of(payer, { size: 6 }))).toBe('INVALID_INPUT DOCUMENT_SIZE');
  });

  it('the same document is announced once however often at once, and each side has five, however many at once', async () => {
    const { payer, id } = await opened();
    const content = pdf(100);
    const same = await Promise.all(Array.from({ length: 6 }, () => announce(payer, id, content)));
    expect(new Set(same.map((answer) => (answer.ok ? answer.document.id : codes(answer)))).size).toBe(1);
    const many = await Promise.all(Array.from({ length: 9 }, (_, index) => announce(index % 2 ? owner : manager, id, pdf(100))));
    expect(many.map(codes).sort()).toEqual([...Array(4).fill('LIMIT_EXCEEDED EVIDENCE'), ...Array(5).fill('OK')]);
    for (let count = 0; count < 4; count += 1) await handedIn(payer, id);
    expect(codes(await announce(payer, id, pdf(100)))).toBe('LIMIT_EXCEEDED EVIDENCE');
    const [first] = await listed(id, payer);
    expect(codes(await documents.withdraw(payer, first!.id))).toBe('OK');
    expect(codes(await announce(payer, id, pdf(100)))).toBe('OK');
    expect(await rowsOf(id)).toMatchObject({ documents: 10 });
  });

  it('a person announces a hundred in a day, in all disputes at once, and withdrawing gives none back', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    const disputes: string[] = [];
    for (let count = 0; count < 5; count += 1) disputes.push((await opened(payer)).id);
    const noon = new Date(new Date().setUTCHours(12, 0, 0, 0));
    const then = at(() => noon);
    const before = (count: number, day: Date) => bank.asOwner(
      'INSERT INTO dispute_document_count ("personId", day, announced) VALUES ($1, $2, $3)', [payer.personId, day.toISOString().slice(0, 10), count]);
    await before(98, noon);
    await before(100, new Date(noon.getTime() - DAY_MS));
    const answers = await Promise.all(disputes.map((id) => announce(payer, id, pdf(50), then)));
    expect(answers.map(codes).sort()).toEqual([...Array(3).fill('LIMIT_EXCEEDED EVIDENCE_A_DAY'), 'OK', 'OK']);
    for (const answer of answers) if (answer.ok) expect(codes(await then.withdraw(payer, answer.document.id))).toBe('OK');
    expect(codes(await announce(payer, disputes[0]!, pdf(50), then))).toBe('LIMIT_EXCEEDED EVIDENCE_A_DAY');
    expect(codes(await announce(owner, disputes[0]!, pdf(50), then))).toBe('OK');
    expect(codes(await announce(payer, disputes[0]!, pdf(50), at(() => new Date(noon.getTime() + DAY_MS))))).toBe('OK');
    // Counts of days that are over are forgotten.
    await at(() => new Date(noon.getTime() + 2 * DAY_MS)).sweep(5);
    const days = await bank.dataSource.query('SELECT announced FROM dispute_document_count WHERE "personId" = $1', [payer.personId]);
    expect(days).toEqual([{ announced: 1 }]);
  });

  it('what was taken is answered as taken, also when the deadline or the end has come since', async () => {
    const { payer, id, respondBy } = await opened();
    const content = pdf(80);
    const documentId = await handedIn(payer, id, content);
    const late = at(() => respondBy);
    expect(codes(await chunk(payer, documentId, 0, content, late))).toBe('OK');
    expect(codes(await announce(payer, id, content, late))).toBe('OK');
    expect(codes(await chunk(payer, documentId, 0, pdf(80), late))).toBe('INVALID_INPUT DOCUMENT_CHUNK_CHANGED');
    expect(codes(await chunk(owner, documentId, 0, content, late))).toBe('NOT_FOUND');
    expect(codes(await late.withdraw(payer, documentId))).toBe('NOT_ALLOWED EVIDENCE_OVERDUE');
  });

  it('a document is withdrawn by its side alone, is gone with its content, and the trail says so; it may come again', async () => {
    const { payer, id } = await opened();
    const content = pdf(300);
    const documentId = await handedIn(owner, id, content);
    for (const other of [payer, till, operator, await bank.customer()]) expect(codes(await documents.withdraw(other, documentId))).toBe('NOT_FOUND');
    expect(codes(await documents.withdraw(owner, 'none'))).toBe('NOT_FOUND');
    const answer = await documents.withdraw(manager, documentId);
    expect(answer).toMatchObject({ ok: true, dispute: { id, status: 'OPEN' } });
    expect(await rowsOf(id)).toEqual({ documents: 0, stored: 0, chunks: 0 });
    for (const viewer of [owner, operator]) expect(await documents.reader.content(documentId, 0, viewer)).toBeNull();
    const facts = {
      documentId, side: 'MERCHANT', kind: 'RECEIPT', mediaType: 'application/pdf', size: 300, sha256: createHash('sha256').update(content).digest('hex'),
    };
    expect(await trail(id)).toEqual([
      { action: 'DOCUMENT_ADDED', actorId: owner.personId, before: null, after: facts, reason: 'By the merchant' },
      { action: 'DOCUMENT_WITHDRAWN', actorId: manager.personId, before: facts, after: null, reason: 'By the merchant' },
    ]);
    await handedIn(owner, id, content);
    expect(codes(await documents.withdraw(owner, await announced(owner, id, pdf(10))))).toBe('OK');
    expect((await trail(id)).map(({ action }) => action)).toEqual(['DOCUMENT_ADDED', 'DOCUMENT_WITHDRAWN', 'DOCUMENT_ADDED']);
  });

  describe('the deadline and the end', () => {
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

  describe('uploads that nobody ended', () => {
    async function swept(now: Date): Promise<void> {
      // Two at once, as in two instances: nobody waits, and nothing is erased twice.
      const service = at(() => now);
      let erased: number;
      do {
        const done = await Promise.all([service.sweep(2), service.sweep(2)]);
        erased = done[0] + done[1];
      } while (erased > 0);
    }

    it('are erased after a day, or once their dispute is closed to them; what is whole stays', async () => {
      const [running, ended, due] = [await opened(), await opened(), await opened()];
      const content = pdf(CHUNK_BYTES + 5);
      const whole = await handedIn(running.payer, running.id);
      for (const { payer, id } of [running, ended, due]) {
        const documentId = await announced(payer, id, content);
        expect(codes(await chunk(payer, documentId, 0, content))).toBe('OK');
      }
      expect(codes(await bank.services.disputes.withdraw(ended.payer, ended.id))).toBe('OK');
      await bank.asOwner(`UPDATE dispute SET "respondBy" = now() - interval '1 second' WHERE id = $1`, [due.id]);
      const now = Date.now();
      await swept(new Date(now));
      const left = async () => [await rowsOf(running.id), await rowsOf(ended.id), await rowsOf(due.id)];
      const nothing = { documents: 0, stored: 0, chunks: 0 };
      expect(await left()).toEqual([{ documents: 2, stored: 1, chunks: 2 }, nothing, nothing]);
      await swept(new Date(now + DAY_MS - 60_000));
      expect(await rowsOf(running.id)).toMatchObject({ documents: 2 });
      await swept(new Date(now + DAY_MS + 60_000));
      expect(await left()).toEqual([{ documents: 1, stored: 1, chunks: 1 }, nothing, nothing]);
      expect(await listed(running.id, running.payer)).toMatchObject([{ id: whole }]);
      expect((await trail(running.id)).map(({ action }) => action)).toEqual(['DOCUMENT_ADDED']);
    });

    it('one that comes to its end as it is swept is whole or gone, and its chunk is answered accordingly', async () => {
      for (let round = 0; round < 8; round += 1) {
        const { payer, id } = await opened();
        const content = pdf(200);
        const documentId = await announced(payer, id, content);
        const [added] = await Promise.all([chunk(payer, documentId, 0, content), swept(new Date(Date.now() + DAY_MS + 60_000))]);
        expect(['OK', 'NOT_FOUND']).toContain(codes(added));
        const isIn = codes(added) === 'OK';
        expect(await rowsOf(id)).toEqual(isIn ? { documents: 1, stored: 1, chunks: 1 } : { documents: 0, stored: 0, chunks: 0 });
      }
    });

    it('waits for no dispute that somebody holds, and the loop does it by itself', async () => {
      const { payer, id } = await opened();
      await announced(payer, id, pdf(60));
      const later = () => new Date(Date.now() + DAY_MS + 60_000);
      await inTransaction(bank.dataSource, async (tx) => {
        await tx.query('SELECT 1 FROM dispute WHERE id = $1 FOR NO KEY UPDATE', [id]);
        await swept(later());
        expect(await rowsOf(id)).toMatchObject({ documents: 1 });
      });
      const loop = startDisputeDocumentLoop({ disputeDocuments: at(later), log: createLogger({ service: 'test', level: 'silent' }) });
      await eventually(async () => expect(await rowsOf(id)).toMatchObject({ documents: 0 }), { describe: 'the loop erased it' });
      await loop.stop();
    });
  });

  describe('what an operator reads', () => {
    const readings = async (disputeId: string) => (await trail(disputeId)).filter(({ action }) => action === 'DOCUMENT_READ');

    it('stands in the trail once an hour for each of them and each document, whoever else reads', async () => {
      const { payer, id } = await opened();
      const [first, second] = [await handedIn(payer, id, pdf(CHUNK_BYTES + 9)), await handedIn(owner, id)];
      for (const viewer of [payer, owner, manager, till]) await documents.reader.content(first, 0, viewer);
      expect(await readings(id)).toEqual([]);
      const start = Date.now();
      for (const minutes of [0, 59, 61, 119, 123]) await at(() => new Date(start + minutes * 60_000)).reader.content(first, minutes % 2, operator);
      expect(await readings(id)).toEqual(Array(3).fill({
        action: 'DOCUMENT_READ', actorId: operator.personId, before: null, after: { documentId: first, side: 'PERSON', kind: 'RECEIPT' }, reason: 'Read by an operator',
      }));
      await documents.reader.content(second, 0, operator);
      await documents.reader.content(second, 0, await bank.customer({ operator: true }));
      expect((await readings(id)).slice(3).map(({ after }) => after!['documentId'])).toEqual([second, second]);
      // Who is a side of it reads as that.
      await documents.reader.content(second, 0, { ...payer, operator: true });
      expect(await readings(id)).toHaveLength(5);
    });

    it('is not given where it cannot be noted', async () => {
      const { payer, id } = await opened();
      const documentId = await handedIn(payer, id);
      await bank.asOwner(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no trail'; END $$;
        CREATE TRIGGER fail BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION fail()`);
      try {
        await expect(documents.reader.content(documentId, 0, operator)).rejects.toThrow('no trail');
        expect(await documents.reader.content(documentId, 0, owner)).toEqual(expect.any(String));
      } finally {
        await bank.asOwner('DROP TRIGGER fail ON audit_entry; DROP FUNCTION fail()');
      }
    });
  });

  it('nothing of a document stands in clear in any row, nor in any event', async () => {
    const { payer, id } = await opened();
    const mark = randomBytes(12).toString('hex');
    const content = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.from(mark)]);
    const documentId = await handedIn(payer, id, content);
    expect(await documents.reader.content(documentId, 0, operator)).toBe(content.toString('base64'));
    for (const table of ['dispute_document', 'dispute_document_chunk', 'audit_entry', 'outbox', 'dispute']) {
      const rows: { text: string }[] = await bank.dataSource.query(`SELECT t::text AS text FROM ${table} t`);
      expect(rows.length).toBeGreaterThan(0);
      for (const { text } of rows) {
        expect(text).not.toContain(mark);
        expect(text).not.toContain(content.toString('base64').slice(16, 40));
        expect(text).not.toContain(content.toString('hex').slice(18, 42));
      }
    }
  });
});
