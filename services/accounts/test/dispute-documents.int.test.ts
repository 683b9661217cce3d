import { createHash, randomBytes } from 'node:crypto';
import { CHUNK_BYTES } from '@tael/platform/uploads';
import { v7 as uuidv7 } from 'uuid';
import type { DisputeDocumentService } from '../src/dispute-documents/dispute-document.service';
import type { Caller } from '../src/transactions/transaction.domain';
import type { Bank, Customer } from './support/bank';
import { codes, disputeDocumentWorld, pdf } from './support/dispute-documents';

const DAY_MS = 86_400_000;

// Evidence as documents on a real Postgres: what holds of a chunk, of a limit and of a withdrawal, also at once.
describe('documents of disputes', () => {
  const world = disputeDocumentWorld('dispute_documents');
  const { at, opened, announce, announced, chunk, handedIn, listed, rowsOf, trail } = world;
  let bank: Bank;
  let owner: Customer;
  let manager: Customer;
  let till: Customer;
  let operator: Customer;
  let documents: DisputeDocumentService;

  beforeAll(async () => {
    ({ bank, owner, manager, till, operator, documents } = await world.open());
  });
  afterAll(() => bank.close());

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
    await at(() => new Date(noon.getTime() + 2 * DAY_MS)).keeper.sweep(5);
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

  it('a withdrawal that comes again is answered as the first time, at once or after the end, to its side and to nobody else', async () => {
    const { payer, id, respondBy } = await opened();
    const [whole, begun] = [await handedIn(owner, id), await announced(owner, id, pdf(40))];
    for (const documentId of [whole, begun]) {
      const answers = await Promise.all([owner, manager, owner].map((by) => documents.withdraw(by, documentId)));
      for (const answer of answers) expect(answer).toMatchObject({ ok: true, dispute: { id, status: 'OPEN' } });
      for (const other of [payer, till, operator, await bank.customer()]) expect(codes(await documents.withdraw(other, documentId))).toBe('NOT_FOUND');
    }
    expect((await trail(id)).map(({ action }) => action)).toEqual(['DOCUMENT_ADDED', 'DOCUMENT_WITHDRAWN']);
    expect(codes(await chunk(owner, begun, 0, pdf(40)))).toBe('NOT_FOUND');
    expect(codes(await at(() => respondBy).withdraw(owner, whole))).toBe('OK');
    expect(codes(await bank.services.disputes.accept(owner, id))).toBe('OK');
    expect(await documents.withdraw(manager, whole)).toMatchObject({ ok: true, dispute: { id, status: 'ACCEPTED' } });
    // What the sweep took was withdrawn by nobody.
    const { payer: other, id: running } = await opened();
    const swept = await announced(other, running, pdf(30));
    await at(() => new Date(Date.now() + DAY_MS + 60_000)).keeper.sweep(100);
    expect(codes(await documents.withdraw(other, swept))).toBe('NOT_FOUND');
  });

  it('after five wrong last chunks an upload is closed: nothing more is taken or summed up, and it may begin anew', async () => {
    const { payer, id } = await opened();
    const content = pdf(CHUNK_BYTES + 9);
    const wrong = Buffer.concat([content.subarray(0, -1), Buffer.from([content.at(-1)! ^ 1])]);
    const documentId = await announced(payer, id, content);
    expect(codes(await chunk(payer, documentId, 0, content))).toBe('OK');
    const answers = await Promise.all(Array.from({ length: 8 }, () => chunk(payer, documentId, 1, wrong)));
    expect(answers.map(codes).sort()).toEqual([...Array(5).fill('INVALID_INPUT SHA256'), ...Array(3).fill('NOT_ALLOWED UPLOAD_CLOSED')]);
    expect(codes(await chunk(payer, documentId, 1, content))).toBe('NOT_ALLOWED UPLOAD_CLOSED');
    expect(codes(await chunk(payer, documentId, 0, content))).toBe('OK');
    expect(await rowsOf(id)).toEqual({ documents: 1, stored: 0, chunks: 1 });
    expect(codes(await documents.withdraw(payer, documentId))).toBe('OK');
    await handedIn(payer, id, content);
    expect(await rowsOf(id)).toEqual({ documents: 1, stored: 1, chunks: 2 });
  });

  it('the other side is told of a document once all of it is here, and once', async () => {
    const { payer, id } = await opened();
    const told = async () => (await bank.events('dispute.document-added')).map(({ data }) => data).filter(({ disputeId }) => disputeId === id);
    const content = pdf(CHUNK_BYTES + 7);
    const documentId = await announced(payer, id, content);
    expect(codes(await chunk(payer, documentId, 0, content))).toBe('OK');
    expect(codes(await chunk(payer, documentId, 1, Buffer.concat([content.subarray(0, -1), Buffer.from([content.at(-1)! ^ 1])])))).toBe('INVALID_INPUT SHA256');
    expect(await told()).toEqual([]);
    for (const answer of await Promise.all(Array.from({ length: 4 }, () => chunk(payer, documentId, 1, content)))) expect(codes(answer)).toBe('OK');
    const [{ transactionId }] = await bank.dataSource.query('SELECT "transactionId" FROM dispute WHERE id = $1', [id]);
    const facts = {
      disputeId: id, transactionId, personId: payer.personId, walletId: payer.walletId, currency: 'USD', amount: 500n, merchantId: expect.any(String),
      merchantPeople: [owner.personId, manager.personId], occurredAt: expect.any(Date),
    };
    expect(await told()).toEqual([{ ...facts, documentId, side: 'PERSON' }]);
    const theirs = await handedIn(manager, id);
    expect(await told()).toEqual([{ ...facts, documentId, side: 'PERSON' }, { ...facts, documentId: theirs, side: 'MERCHANT' }]);
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
