import { randomBytes } from 'node:crypto';
import { createOnboardingServices } from '../src/onboarding/onboarding.parts';
import { createService } from '../src/app';
import { codes, onboardingOf, pdf } from './onboarding-world';
import { operator, sealer, sealKeys, somebody, startSubject, type Subject } from './support';

const CHUNK = 128 * 1024;
const DAY_MS = 86_400_000;
let subject: Subject;
let onboarding: ReturnType<typeof onboardingOf>;
beforeAll(async () => {
  subject = await startSubject('documents');
  onboarding = onboardingOf(subject);
});
afterAll(() => subject?.stop());

async function draft(as = somebody()) {
  const { application } = await onboarding.begin(as);
  return { as, id: application.id as string };
}
async function announced(content: Buffer, kind = 'REGISTRATION') {
  const { as, id } = await draft();
  return { as, id, documentId: (await onboarding.announce(as, id, kind, content)).document.id as string };
}
/** What stands of an application's documents, chunks included. */
const rowsOf = async (id: string): Promise<{ documents: number; chunks: number }> => {
  const [row] = await subject.dataSource.query(
    `SELECT count(DISTINCT d.id)::int AS documents, count(c.id)::int AS chunks FROM merchant_document d
     LEFT JOIN merchant_document_chunk c ON c."documentId" = d.id WHERE d."applicationId" = $1`, [id]);
  return row;
};

it('a document of 5 MiB comes in chunk by chunk and goes out as it was, for its applicant and operators', async () => {
  const content = pdf(5 * 1024 * 1024);
  const { as, id, documentId } = await announced(content);
  for (let number = 0; number < 40; number += 1)
    expect(await onboarding.chunk(as, documentId, number, content)).toMatchObject({ userErrors: [], document: { nextChunk: number + 1, stored: number === 39 } });
  for (const viewer of [as, operator()]) {
    const parts: Buffer[] = [];
    for (let number = 0; number < 40; number += 1) {
      const { documents } = await onboarding.read(viewer, id, `documents { mediaType content(chunk: ${number}) }`);
      expect(documents[0].mediaType).toBe('application/pdf');
      parts.push(Buffer.from(documents[0].content, 'base64'));
    }
    expect(Buffer.concat(parts).equals(content)).toBe(true);
  }
  expect((await onboarding.read(as, id, 'documents { content(chunk: 40) }')).documents).toEqual([{ content: null }]);
});

it('a chunk that comes again is passed over, at once or later; another in its place is refused', async () => {
  const content = pdf(2 * CHUNK + 5);
  const { as, id, documentId } = await announced(content);
  const answers = await Promise.all(Array.from({ length: 5 }, () => onboarding.chunk(as, documentId, 0, content)));
  expect(answers.map(({ document }) => document.nextChunk)).toEqual(Array(5).fill(1));
  expect(codes(await onboarding.chunk(as, documentId, 0, pdf(CHUNK).toString('base64')))).toEqual(['INVALID_INPUT content']);
  expect(codes(await onboarding.chunk(as, documentId, 2, content))).toEqual(['INVALID_INPUT number']);
  for (const number of [1, 2, 2, 1, 0]) expect(codes(await onboarding.chunk(as, documentId, number, content))).toEqual([]);
  expect(codes(await onboarding.chunk(as, documentId, 3, content))).toEqual(['INVALID_INPUT number']);
  expect(codes(await onboarding.chunk(as, documentId, -1, content))).toEqual(['INVALID_INPUT number']);
  expect(await rowsOf(id)).toEqual({ documents: 1, chunks: 3 });
});

it('the same document again is the same; one taken out can come again', async () => {
  const content = pdf(300);
  const { as, id, documentId } = await announced(content);
  expect((await onboarding.announce(as, id, 'REGISTRATION', content)).document.id).toBe(documentId);
  expect(codes(await onboarding.announce(as, id, 'REGISTRATION', content, { size: 301 }))).toEqual(['INVALID_INPUT size']);
  expect((await onboarding.announce(as, id, 'PREMISES', content)).document.id).not.toBe(documentId);
  await onboarding.mutate(as, 'removeMerchantDocument', { documentId });
  expect((await onboarding.announce(as, id, 'REGISTRATION', content)).document).toMatchObject({ nextChunk: 0, stored: false });
});

it('one that is taken out again is answered as the first time, at once or after the end, to its applicant and to nobody else', async () => {
  const { as, id, documentId } = await announced(pdf(300));
  const remove = (by = as) => onboarding.mutate(by, 'removeMerchantDocument', { documentId });
  const answers = await Promise.all([remove(), remove(), remove()]);
  for (const answer of [...answers, await remove()]) expect(answer).toMatchObject({ userErrors: [], application: { id, status: 'DRAFT', documents: [] } });
  expect((await onboarding.trail(operator(), id)).filter(({ action }) => action === 'DOCUMENT_REMOVED')).toHaveLength(1);
  for (const other of [somebody(), operator()]) expect(codes(await remove(other))).toEqual(['NOT_FOUND documentId']);
  expect(codes(await onboarding.chunk(as, documentId, 0, pdf(300)))).toEqual(['NOT_FOUND documentId']);
  await onboarding.mutate(as, 'withdrawMerchantApplication', { applicationId: id });
  expect(await remove()).toMatchObject({ userErrors: [], application: { id, status: 'WITHDRAWN' } });
});

it.each<[string, (content: Buffer) => Buffer | string, string[]]>([
  ['a web page', (content) => Buffer.concat([Buffer.from('<!doctype html>'), content]).subarray(0, content.length), ['INVALID_INPUT content']],
  ['another content than announced', (content) => Buffer.concat([content.subarray(0, -1), Buffer.from([content.at(-1)! ^ 1])]), ['INVALID_INPUT content']],
  ['less than announced', (content) => content.subarray(1), ['INVALID_INPUT content']],
  ['more than announced', (content) => Buffer.concat([content, Buffer.from('x')]), ['INVALID_INPUT content']],
  ['no base64', () => '%PDF-1.7', ['INVALID_INPUT content']],
  ['more than a chunk', () => 'A'.repeat(200_000), ['INVALID_INPUT content']],
])('%s is refused, and nothing of it is kept', async (_what, change, expected) => {
  const content = pdf(500);
  const { as, id, documentId } = await announced(content);
  expect(codes(await onboarding.chunk(as, documentId, 0, change(content)))).toEqual(expected);
  expect(await rowsOf(id)).toEqual({ documents: 1, chunks: 0 });
  expect(codes(await onboarding.chunk(as, documentId, 0, content))).toEqual([]);
});

it('after five wrong last chunks an upload is closed: nothing more is taken or summed up, and it may begin anew', async () => {
  const content = pdf(CHUNK + 9);
  const { as, id, documentId } = await announced(content);
  const wrong = Buffer.concat([content.subarray(0, -1), Buffer.from([content.at(-1)! ^ 1])]);
  expect(codes(await onboarding.chunk(as, documentId, 0, content))).toEqual([]);
  const answers = await Promise.all(Array.from({ length: 8 }, () => onboarding.chunk(as, documentId, 1, wrong)));
  expect(answers.flatMap(codes).sort()).toEqual([...Array(5).fill('INVALID_INPUT content'), ...Array(3).fill('NOT_ALLOWED documentId')]);
  expect(codes(await onboarding.chunk(as, documentId, 1, content))).toEqual(['NOT_ALLOWED documentId']);
  expect(codes(await onboarding.chunk(as, documentId, 0, content))).toEqual([]);
  expect(await rowsOf(id)).toEqual({ documents: 1, chunks: 1 });
  await onboarding.mutate(as, 'removeMerchantDocument', { documentId });
  await onboarding.upload(as, id, 'REGISTRATION', content);
  expect(await rowsOf(id)).toEqual({ documents: 1, chunks: 2 });
});

it.each<[string, object, string[]]>([
  ['nothing', { size: 0 }, ['INVALID_INPUT size']],
  ['more than 5 MiB', { size: 5_242_881 }, ['INVALID_INPUT size']],
  ['no sum', { sha256: 'abc' }, ['INVALID_INPUT sha256']],
])('a document of %s is not announced', async (_what, change, expected) => {
  const { as, id } = await draft();
  expect(codes(await onboarding.announce(as, id, 'REGISTRATION', pdf(10), change))).toEqual(expected);
});

it('an application has ten documents, however many are announced at once', async () => {
  const { as, id } = await draft();
  const answers = await Promise.all(Array.from({ length: 14 }, () => onboarding.announce(as, id, 'PREMISES', pdf(50))));
  expect(answers.flatMap(codes)).toEqual(Array(4).fill('LIMIT_EXCEEDED applicationId'));
  expect(await rowsOf(id)).toEqual({ documents: 10, chunks: 0 });
});

it('documents change no more once an application is handed in; a submission that races with a removal has its documents', async () => {
  const { as, id, documents } = await onboarding.submitted();
  expect(codes(await onboarding.announce(as, id, 'PREMISES', pdf(50)))).toEqual(['NOT_ALLOWED applicationId']);
  expect(codes(await onboarding.mutate(as, 'removeMerchantDocument', { documentId: documents['BANK_PROOF'] }))).toEqual(['NOT_ALLOWED documentId']);
  const other = await draft();
  const ids: string[] = [];
  for (const kind of ['REGISTRATION', 'OWNER_IDENTITY', 'BANK_PROOF']) ids.push(await onboarding.upload(other.as, other.id, kind));
  await Promise.all([
    onboarding.mutate(other.as, 'submitMerchantApplication', { applicationId: other.id }),
    onboarding.mutate(other.as, 'removeMerchantDocument', { documentId: ids[0] }),
  ]);
  const { status, documents: left } = await onboarding.read(other.as, other.id, 'status documents { id }');
  expect([status, left.length]).toEqual(status === 'SUBMITTED' ? ['SUBMITTED', 3] : ['DRAFT', 2]);
});

it('nothing of what is said and sent stands in clear in any row', async () => {
  const mark = randomBytes(12).toString('hex');
  const as = somebody();
  const { application } = await onboarding.begin(as, {
    business: { legalName: mark, tradingName: mark, categoryCode: '5814', country: 'GB', currency: 'GBP', registrationNumber: mark, owners: [{ name: mark, share: 1 }] },
  });
  const content = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.from(mark)]);
  await onboarding.upload(as, application.id, 'REGISTRATION', content);
  for (const table of ['merchant_application', 'merchant_document', 'merchant_document_chunk', 'audit_entry', 'outbox']) {
    const rows: { text: string }[] = await subject.dataSource.query(`SELECT t::text AS text FROM ${table} t`);
    for (const { text } of rows) {
      expect(text).not.toContain(mark);
      expect(text).not.toContain(content.toString('base64').slice(16, 40));
    }
  }
  const [chunk] = await subject.dataSource.query(
    'SELECT c.* FROM merchant_document_chunk c JOIN merchant_document d ON d.id = c."documentId" WHERE d."applicationId" = $1', [application.id]);
  expect(Buffer.from(sealer.open(chunk.content, chunk.documentId), 'base64').toString()).toContain(mark);
});

describe('what is kept no longer is erased', () => {
  const reviewsAt = (now: Date) => createOnboardingServices({
    dataSource: subject.dataSource, sealer, merchants: createService({ dataSource: subject.dataSource, sealKeys }), now: () => now,
  }).reviews;
  async function forgetAt(now: Date): Promise<void> {
    // Two at once, as in two instances: nobody waits, and nothing is erased twice.
    const reviews = reviewsAt(now);
    let erased: number;
    do {
      const done = await Promise.all([reviews.forget(3), reviews.forget(3)]);
      erased = done[0] + done[1];
    } while (erased > 0);
  }

  it('at once where the applicant withdraws it', async () => {
    const { as, id } = await onboarding.submitted();
    await onboarding.mutate(as, 'withdrawMerchantApplication', { applicationId: id });
    expect(await rowsOf(id)).toEqual({ documents: 0, chunks: 0 });
    expect(await onboarding.read(as, id, 'status business { legalName } documents { id }')).toEqual({ status: 'WITHDRAWN', business: null, documents: [] });
  });
  it('after 90 days where it was rejected or nobody went on with it; what was approved or waits is kept', async () => {
    const staff = operator();
    const ended = async (name: string, input: object = {}) => {
      const { id } = await onboarding.submitted();
      await onboarding.mutate(staff, 'takeMerchantApplication', { applicationId: id });
      await onboarding.mutate(staff, name, { applicationId: id, reason: 'Ticket 8', ...input });
      return id;
    };
    const [rejected, approved, waits] = [
      await ended('rejectMerchantApplication', { message: 'No' }), await ended('approveMerchantApplication'), (await onboarding.submitted()).id,
    ];
    const [{ id: left }, taken] = [await draft(), await draft()];
    const now = Date.now();
    await subject.dataSource.query(`UPDATE merchant_application SET "updatedAt" = now() - interval '80 days' WHERE id = $1`, [taken.id]);
    await onboarding.announce(taken.as, taken.id, 'PREMISES', pdf(50));
    await forgetAt(new Date(now + 89 * DAY_MS));
    expect(await rowsOf(rejected)).toEqual({ documents: 3, chunks: 3 });
    expect((await onboarding.read(staff, taken.id, 'status')).status).toBe('DRAFT');
    await forgetAt(new Date(now + 91 * DAY_MS));
    expect(await rowsOf(rejected)).toEqual({ documents: 0, chunks: 0 });
    for (const id of [approved, waits]) expect(await rowsOf(id)).toEqual({ documents: 3, chunks: 3 });
    const erased = async (id: string) => (await onboarding.trail(staff, id)).filter(({ action }) => action === 'ERASED');
    expect(await erased(rejected)).toEqual([{
      action: 'ERASED', actorId: '00000000-0000-0000-0000-000000000000', before: '{"status":"REJECTED"}', after: '{"status":"REJECTED"}', reason: 'Kept for 90 days',
    }]);
    expect(await erased(left)).toMatchObject([{ before: '{"status":"DRAFT"}', after: '{"status":"WITHDRAWN"}' }]);
    for (const id of [approved, waits]) expect(await erased(id)).toEqual([]);
    const statuses = await Promise.all([rejected, approved, waits, left].map((id) => onboarding.read(staff, id, 'status message business { legalName }')));
    expect(statuses).toEqual([
      { status: 'REJECTED', message: null, business: null }, { status: 'APPROVED', message: null, business: expect.any(Object) },
      { status: 'SUBMITTED', message: null, business: expect.any(Object) }, { status: 'WITHDRAWN', message: null, business: null },
    ]);
  });
});
