import { CHUNK_BYTES } from '@tael/platform/uploads';
import type { DisputeDocumentService } from '../src/dispute-documents/dispute-document.service';
import type { Bank, Customer } from './support/bank';
import { disputeDocumentWorld, pdf } from './support/dispute-documents';

// No reading of an operator without its line in the trail.
describe('what an operator reads of a dispute\'s documents', () => {
  const world = disputeDocumentWorld('dispute_documents_reading');
  const { at, opened, handedIn, trail } = world;
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
