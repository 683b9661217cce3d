import { inTransaction } from '@tael/platform/postgres';
import { createLogger } from '@tael/platform/log';
import { CHUNK_BYTES } from '@tael/platform/uploads';
import { eventually } from '@tael/testkit';
import { CONTENT_DAYS } from '../src/dispute-documents/dispute-document.domain';
import { startDisputeDocumentLoop } from '../src/dispute-documents/dispute-document.loop';
import type { DisputeDocumentService } from '../src/dispute-documents/dispute-document.service';
import type { Bank, Customer } from './support/bank';
import { codes, disputeDocumentWorld, pdf } from './support/dispute-documents';

const KEPT_MS = CONTENT_DAYS * 86_400_000;
const MINUTE_MS = 60_000;

// What is in a document of a dispute is kept for a time after the dispute's end; that there was one stays.
describe('what is in documents of disputes', () => {
  const world = disputeDocumentWorld('dispute_documents_kept');
  const { at, opened, announced, announce, chunk, contest, handedIn, listed, rowsOf, trail } = world;
  let bank: Bank;
  let owner: Customer;
  let operator: Customer;
  let documents: DisputeDocumentService;
  let start: number;

  beforeAll(async () => {
    ({ bank, owner, operator, documents } = await world.open());
    start = Date.now();
  });
  afterAll(() => bank.close());

  const later = (ms: number) => at(() => new Date(start + ms));
  /** Removes what is due, two at once as in two instances, and gives how many. */
  async function removed(service: DisputeDocumentService): Promise<number> {
    for (let count = 0; ;) {
      const done = await Promise.all([service.keeper.removeContent(2), service.keeper.removeContent(2)]);
      if (done[0] + done[1] === 0) return count;
      count += done[0] + done[1];
    }
  }
  const notes = async (disputeId: string) => (await trail(disputeId)).filter(({ action }) => action === 'DOCUMENT_CONTENT_REMOVED');

  it('is removed 540 days after its end, however it ended, once; what waits for an end is kept', async () => {
    const [accepted, withdrawn, contested] = [await opened(), await opened(), await opened()];
    const content = pdf(CHUNK_BYTES + 5);
    const ids: string[] = [];
    for (const { payer, id } of [accepted, withdrawn, contested]) ids.push(await handedIn(payer, id, content), await handedIn(owner, id));
    expect(codes(await bank.services.disputes.accept(owner, accepted.id))).toBe('OK');
    expect(codes(await bank.services.disputes.withdraw(withdrawn.payer, withdrawn.id))).toBe('OK');
    expect(codes(await contest(contested.id))).toBe('OK');
    expect(await removed(later(KEPT_MS))).toBe(0);
    for (const { id } of [accepted, withdrawn, contested]) expect(await rowsOf(id)).toEqual({ documents: 2, stored: 2, chunks: 3 });
    const due = start + KEPT_MS + 5 * MINUTE_MS;
    expect(await removed(at(() => new Date(due)))).toBe(4);
    expect(await rowsOf(contested.id)).toEqual({ documents: 2, stored: 2, chunks: 3 });
    for (const { payer, id } of [accepted, withdrawn]) {
      expect(await rowsOf(id)).toEqual({ documents: 2, stored: 2, chunks: 0 });
      for (const viewer of [payer, owner, operator]) {
        expect(await listed(id, viewer)).toMatchObject(Array(2).fill({ stored: true, contentRemovedAt: new Date(due) }));
        const shown = (await listed(id, viewer)).map((document) => document.id).filter((documentId) => ids.includes(documentId));
        for (const documentId of shown) expect(await documents.reader.content(documentId, 0, viewer)).toBeNull();
      }
      expect((await notes(id)).map(({ actorId, before, reason }) => [actorId, before!['documentId'], reason]).sort()).toEqual(
        ids.filter((_documentId, index) => (id === accepted.id ? index < 2 : index === 2 || index === 3)).map((documentId) => [null, documentId, 'Kept for 540 days']).sort());
      expect((await trail(id)).filter(({ action }) => action === 'DOCUMENT_READ')).toEqual([]);
    }
    expect((await listed(contested.id, operator)).map(({ contentRemovedAt }) => contentRemovedAt)).toEqual([null, null]);
  });

  it('and what comes again of it is refused, the announcement answered as before', async () => {
    const { payer, id } = await opened();
    const content = pdf(60);
    const documentId = await handedIn(payer, id, content);
    expect(codes(await bank.services.disputes.accept(owner, id))).toBe('OK');
    await removed(later(KEPT_MS + 10 * MINUTE_MS));
    expect(codes(await chunk(payer, documentId, 0, content))).toBe('NOT_ALLOWED CONTENT_REMOVED');
    expect(await announce(payer, id, content)).toMatchObject({ ok: true, document: { id: documentId, stored: true, contentRemovedAt: expect.any(Date) } });
    expect(codes(await documents.withdraw(payer, documentId))).toBe('NOT_ALLOWED DISPUTE_STATUS');
    expect(codes(await chunk(owner, documentId, 0, content))).toBe('NOT_FOUND');
  });

  it('is read wholly with its line in the trail, or not at all, as it is removed', async () => {
    const service = later(KEPT_MS + 15 * MINUTE_MS);
    for (let round = 0; round < 10; round += 1) {
      const { payer, id } = await opened();
      const documentId = await handedIn(payer, id, pdf(CHUNK_BYTES));
      expect(codes(await bank.services.disputes.accept(owner, id))).toBe('OK');
      const read = () => service.reader.content(documentId, 0, operator);
      const [first, second] = await Promise.all(round % 2 ? [read(), removed(service)] : [removed(service), read()]);
      const text = (round % 2 ? first : second) as string | null;
      if (text !== null) expect(Buffer.from(text, 'base64')).toHaveLength(CHUNK_BYTES);
      await removed(service);
      expect((await trail(id)).filter(({ action }) => action === 'DOCUMENT_READ')).toHaveLength(text === null ? 0 : 1);
      expect(await rowsOf(id)).toEqual({ documents: 1, stored: 1, chunks: 0 });
    }
  });

  it('is refused to who waits while it is removed, and nothing stands in the trail', async () => {
    const { payer, id } = await opened();
    const documentId = await handedIn(payer, id);
    let reading: Promise<string | null> | undefined;
    await inTransaction(bank.dataSource, async (tx) => {
      await tx.query('SELECT 1 FROM dispute_document WHERE id = $1 FOR NO KEY UPDATE', [documentId]);
      reading = documents.reader.content(documentId, 0, operator);
      await eventually(async () => {
        const waiting = await bank.dataSource.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '/* disputeDocuments.hold */%'`);
        expect(waiting).toHaveLength(1);
      }, { describe: 'the reading waits for the document' });
      await tx.query('DELETE FROM dispute_document_chunk WHERE "documentId" = $1', [documentId]);
      await tx.query('UPDATE dispute_document SET "contentRemovedAt" = now() WHERE id = $1', [documentId]);
    });
    expect(await reading).toBeNull();
    expect((await trail(id)).filter(({ action }) => action === 'DOCUMENT_READ')).toEqual([]);
  });

  it('goes by the loop, which waits for none that somebody holds', async () => {
    const [held, free] = [await opened(), await opened()];
    const documentId = await handedIn(held.payer, held.id);
    await handedIn(free.payer, free.id);
    await announced(free.payer, free.id, pdf(10));
    for (const { id } of [held, free]) expect(codes(await bank.services.disputes.accept(owner, id))).toBe('OK');
    const service = later(KEPT_MS + 20 * MINUTE_MS);
    const loop = startDisputeDocumentLoop({ disputeDocuments: service, log: createLogger({ service: 'test', level: 'silent' }) });
    await inTransaction(bank.dataSource, async (tx) => {
      await tx.query('SELECT 1 FROM dispute_document WHERE id = $1 FOR NO KEY UPDATE', [documentId]);
      await eventually(async () => expect(await rowsOf(free.id)).toEqual({ documents: 1, stored: 1, chunks: 0 }), { describe: 'the loop removed what is free' });
      expect(await rowsOf(held.id)).toMatchObject({ chunks: 1 });
    });
    await loop.stop();
    const { chunks } = await rowsOf(held.id);
    expect(await removed(service)).toBe(chunks);
    expect(await rowsOf(held.id)).toEqual({ documents: 1, stored: 1, chunks: 0 });
  });
});
