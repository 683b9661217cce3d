import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { type DocumentSoFar, planChunk, readAnnouncement, readContent, sumOfChunks } from './chunk';
import { CHUNK_BYTES, CHUNK_TEXT_MAX, chunkCount, chunkLength, DOCUMENT_BYTES_MAX } from './document';

const pdf = (length: number): Buffer => Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(length)]).subarray(0, length);
const told = (plan: object): string => Object.entries('fault' in plan ? (plan.fault as object) : plan).map(([, value]) => String(value)).join(' ');

const [whole, rest] = [CHUNK_BYTES, 7];
const document = (change: Partial<DocumentSoFar> = {}): DocumentSoFar => ({ size: 2 * whole + rest, nextChunk: 0, mediaType: null, wrongSums: 0, ...change });
const second = document({ nextChunk: 1, mediaType: 'image/png' });
const third = document({ nextChunk: 2, mediaType: 'image/png' });

it.each<[string, DocumentSoFar, number, Buffer, string]>([
  ['the first', document(), 0, pdf(whole), 'DUE application/pdf false'],
  ['a first one of no kind that is taken', document(), 0, Buffer.alloc(whole), 'content MEDIA_TYPE'],
  ['the second, however it begins', second, 1, Buffer.alloc(whole), 'DUE image/png false'],
  ['the last', third, 2, Buffer.alloc(rest), 'DUE image/png true'],
  ['the only one', document({ size: 9 }), 0, pdf(9), 'DUE application/pdf true'],
  ['a last one that is as long as the others', third, 2, Buffer.alloc(whole), 'content CHUNK_LENGTH'],
  ['a first one that is too short', document(), 0, pdf(whole - 1), 'content CHUNK_LENGTH'],
  ['an empty one', document(), 0, pdf(0), 'content CHUNK_LENGTH'],
  ['one that came before', third, 1, Buffer.alloc(3), 'BEFORE'],
  ['the first again', third, 0, Buffer.alloc(3), 'BEFORE'],
  ['one too early', second, 2, Buffer.alloc(rest), 'number DOCUMENT_CHUNK_NOT_DUE'],
  ['one after the last', document({ nextChunk: 3, mediaType: 'image/png' }), 3, Buffer.alloc(0), 'number DOCUMENT_CHUNK_NOT_DUE'],
  ['one of a whole document', document({ nextChunk: 3, mediaType: 'image/png' }), 2, Buffer.alloc(rest), 'BEFORE'],
  ['one before the first', second, -1, Buffer.alloc(whole), 'number DOCUMENT_CHUNK_NOT_DUE'],
  ['a half', second, 0.5, Buffer.alloc(whole), 'number DOCUMENT_CHUNK_NOT_DUE'],
  ['the last after four that were wrong', { ...third, wrongSums: 4 }, 2, Buffer.alloc(rest), 'DUE image/png true'],
  ['the last after five that were wrong', { ...third, wrongSums: 5 }, 2, Buffer.alloc(rest), 'documentId UPLOAD_CLOSED'],
  ['one that came before, after five that were wrong', { ...third, wrongSums: 5 }, 1, Buffer.alloc(3), 'BEFORE'],
  ['no number', second, Number.NaN, Buffer.alloc(whole), 'number DOCUMENT_CHUNK_NOT_DUE'],
])('%s', (_what, soFar, number, bytes, expected) => expect(told(planChunk(soFar, { number, bytes }))).toBe(expected));

it('the chunks of every document lead from the first to the last, and only the last is the last', () => {
  fc.assert(fc.property(fc.integer({ min: 5, max: DOCUMENT_BYTES_MAX }), (size) => {
    let soFar: DocumentSoFar = { size, nextChunk: 0, mediaType: null, wrongSums: 0 };
    for (let number = 0; number < chunkCount(size); number += 1) {
      const plan = planChunk(soFar, { number, bytes: pdf(chunkLength(size, number)) });
      if (!('place' in plan) || plan.place !== 'DUE') throw new Error(told(plan));
      expect(plan).toEqual({ place: 'DUE', mediaType: 'application/pdf', isLast: number === chunkCount(size) - 1 });
      soFar = { size, nextChunk: number + 1, mediaType: plan.mediaType, wrongSums: 0 };
    }
    expect(told(planChunk(soFar, { number: soFar.nextChunk, bytes: pdf(0) }))).toBe('number DOCUMENT_CHUNK_NOT_DUE');
  }), { numRuns: 20 });
});

it.each<[object, string]>([
  [{ size: 1 }, 'announced'], [{ size: DOCUMENT_BYTES_MAX }, 'announced'], [{ size: DOCUMENT_BYTES_MAX + 1 }, 'size DOCUMENT_SIZE'], [{ size: 0 }, 'size DOCUMENT_SIZE'],
  [{ sha256: 'abc' }, 'sha256 SHA256_FORM'],
])('%j is %s', (change, expected) => {
  const read = readAnnouncement({ size: 5, sha256: 'ab'.repeat(32), ...change });
  expect('fault' in read ? told(read) : 'announced').toBe(expected);
});

it.each([['YWJj', 'abc'], ['', ''], ['abc', 'content BASE64'], ['A'.repeat(CHUNK_TEXT_MAX + 4), 'content TOO_LONG']])('content %.8s', (text, expected) => {
  const read = readContent(text);
  expect('fault' in read ? told(read) : read.bytes.toString()).toBe(expected);
});
it('a whole chunk is no longer than a text may be', () => {
  expect(Buffer.alloc(CHUNK_BYTES).toString('base64').length).toBe(CHUNK_TEXT_MAX);
});

it('the sum of all chunks in their order is that of the whole', async () => {
  const content = pdf(2 * CHUNK_BYTES + 3);
  const sum = await sumOfChunks(content.length, async (number) => content.subarray(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES));
  expect(sum.equals(createHash('sha256').update(content).digest())).toBe(true);
});
