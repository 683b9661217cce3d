import { createLogger } from '@tael/platform/log';
import { inTransaction } from '@tael/platform/postgres';
import { CHUNK_BYTES } from '@tael/platform/uploads';
import { eventually } from '@tael/testkit';
import { startDisputeDocumentLoop } from '../src/dispute-documents/dispute-document.loop';
import type { Bank } from './support/bank';
import { codes, disputeDocumentWorld, pdf } from './support/dispute-documents';

const DAY_MS = 86_400_000;

// What is swept and what comes to its end, at once.
describe('uploads for disputes that nobody ended', () => {
  const world = disputeDocumentWorld('dispute_documents_sweep');
  const { at, opened, announced, chunk, handedIn, listed, rowsOf, trail } = world;
  let bank: Bank;

  beforeAll(async () => {
    ({ bank } = await world.open());
  });
  afterAll(() => bank.close());

  async function swept(now: Date): Promise<void> {
    // Two at once, as in two instances: nobody waits, and nothing is erased twice.
    const service = at(() => now);
    let erased: number;
    do {
      const done = await Promise.all([service.keeper.sweep(2), service.keeper.sweep(2)]);
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
