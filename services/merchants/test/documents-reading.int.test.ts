import { inTransaction } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import { createService } from '../src/app';
import { createOnboardingServices } from '../src/onboarding/onboarding.parts';
import { codes, onboardingOf, pdf } from './onboarding-world';
import { operator, sealer, sealKeys, somebody, startSubject, type Subject } from './support';

let subject: Subject;
let onboarding: ReturnType<typeof onboardingOf>;
beforeAll(async () => {
  subject = await startSubject('documents_reading');
  onboarding = onboardingOf(subject);
});
afterAll(() => subject?.stop());

describe('who reads a document', () => {
  const chunkOf = (as: Parameters<typeof onboarding.read>[0], id: string, chunk = 0) => onboarding.read(as, id, `documents { id content(chunk: ${chunk}) }`);
  const readings = async (id: string) => (await onboarding.trail(operator(), id)).filter(({ action }) => action === 'DOCUMENT_READ');

  it('stands in the trail where it is an operator: once an hour for each of them and each document', async () => {
    const { as, id, documents } = await onboarding.submitted();
    await chunkOf(as, id);
    expect(await readings(id)).toEqual([]);
    const [first, second] = [operator(), operator()];
    const { documents: [shown] } = await chunkOf(first, id);
    expect(Buffer.from(shown.content, 'base64').subarray(0, 4).toString()).toBe('%PDF');
    await chunkOf(first, id);
    expect((await readings(id)).map(({ actorId }) => actorId)).toEqual(Array.from({ length: 3 }, () => first.principal!.personId));
    expect(new Set((await readings(id)).map(({ after }) => JSON.parse(after).documentId))).toEqual(new Set(Object.values(documents)));
    await chunkOf(second, id);
    expect(await readings(id)).toHaveLength(6);
    await chunkOf(second, id, 7);
    expect(await readings(id)).toHaveLength(6);
  });

  it('is noted again an hour later, and a reading that cannot be noted gives nothing', async () => {
    const { id, documents } = await onboarding.submitted();
    const staff = operator();
    const viewer = { personId: staff.principal!.personId, isOperator: true } as never;
    const at = (now: number) => createOnboardingServices({
      dataSource: subject.dataSource, sealer, merchants: createService({ dataSource: subject.dataSource, sealKeys }), now: () => new Date(now),
    }).documents;
    const document = documents['BANK_PROOF']!;
    const start = Date.now();
    for (const minutes of [0, 59, 61, 119, 123]) await at(start + minutes * 60_000).content(document, 0, viewer);
    expect(await readings(id)).toHaveLength(3);
    await subject.database.asOwner(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no trail'; END $$;
      CREATE TRIGGER fail BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION fail()`);
    await expect(at(start + 200 * 60_000).content(document, 0, viewer)).rejects.toThrow('no trail');
    await subject.database.asOwner('DROP TRIGGER fail ON audit_entry; DROP FUNCTION fail()');
  });

  /** A draft with one whole document, an operator and how they read it. */
  async function drafted() {
    const as = somebody();
    const { application } = await onboarding.begin(as);
    const documentId = await onboarding.upload(as, application.id, 'REGISTRATION', pdf(2 * 131_072));
    const staff = operator();
    const { documents } = createOnboardingServices({
      dataSource: subject.dataSource, sealer, merchants: createService({ dataSource: subject.dataSource, sealKeys }), now: () => new Date(),
    });
    const read = () => documents.content(documentId, 1, { personId: staff.principal!.personId, isOperator: true } as never);
    const remove = () => onboarding.mutate(as, 'removeMerchantDocument', { documentId });
    return { id: application.id as string, documentId, read, remove };
  }

  it('that waits for a removal is refused, and stands in no trail', async () => {
    const { id, documentId, read } = await drafted();
    let reading: ReturnType<typeof read> | undefined;
    await inTransaction(subject.dataSource, async (tx) => {
      await tx.query('SELECT 1 FROM merchant_document WHERE id = $1 FOR UPDATE', [documentId]);
      reading = read();
      await eventually(async () => {
        const waiting = await subject.dataSource.query(
          `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '/* documents.hold */%'`);
        expect(waiting).toHaveLength(1);
      }, { describe: 'the reading waits for the document' });
      await tx.query('DELETE FROM merchant_document_chunk WHERE "documentId" = $1', [documentId]);
      await tx.query('DELETE FROM merchant_document WHERE id = $1', [documentId]);
    });
    expect(await reading).toBeNull();
    expect(await readings(id)).toEqual([]);
  });

  it('and a removal at once: it is read and stands in the trail, or it is refused and does not', async () => {
    for (let round = 0; round < 12; round += 1) {
      const { id, read, remove } = await drafted();
      const [first, second] = await Promise.all(round % 2 ? [read(), remove()] : [remove(), read()]);
      const [content, removed] = round % 2 ? [first, second] : [second, first];
      expect(codes(removed)).toEqual([]);
      if (content !== null) expect(Buffer.from(content, 'base64')).toHaveLength(131_072);
      expect(await readings(id)).toHaveLength(content === null ? 0 : 1);
      expect(await read()).toBeNull();
      expect(await readings(id)).toHaveLength(content === null ? 0 : 1);
    }
  });
});
