import fc from 'fast-check';
import { CHUNK_BYTES, CHUNK_TEXT_MAX, chunkCount, chunkLength, DOCUMENT_BYTES_MAX, isSize, readBase64, readSha256, sniff } from './document';

const bytes = (...parts: (string | number[])[]) => Buffer.concat(parts.map((part) => Buffer.from(part as string)));
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13];

it.each<[string, Buffer, string | undefined]>([
  ['a PDF', bytes('%PDF-1.7\n'), 'application/pdf'],
  ['a PNG', bytes(PNG, 'IHDR', [0, 0]), 'image/png'],
  ['a JPEG', bytes([0xff, 0xd8, 0xff, 0xe0]), 'image/jpeg'],
  ['nothing', bytes(''), undefined],
  ['half a PDF', bytes('%PDF'), undefined],
  ['half a JPEG', bytes([0xff, 0xd8]), undefined],
  ['a JPEG of another sign', bytes([0xff, 0xd8, 0xfe]), undefined],
  ...PNG.map((_byte, index): [string, Buffer, undefined] => [`a PNG with byte ${index} changed`, bytes(PNG.map((byte, at) => (at === index ? byte ^ 1 : byte)), 'IHDR'), undefined]),
  ['half of a signature', bytes(PNG), undefined],
  ['a PNG of another first chunk', bytes(PNG, 'IDAT'), undefined],
  ['a web page', bytes('<html>%PDF-'), undefined],
  ['a program', bytes('MZ'), undefined],
  ['an SVG', bytes('<svg xmlns="http://www.w3.org/2000/svg"/>'), undefined],
  ['a GIF', bytes('GIF89a'), undefined],
  ['a zip', bytes('PK\u0003\u0004'), undefined],
])('%s is %s', (_what, head, expected) => expect(sniff(head)).toBe(expected));

it.each([[0, false], [1, true], [DOCUMENT_BYTES_MAX, true], [DOCUMENT_BYTES_MAX + 1, false], [-1, false], [1.5, false]])('a size of %d: %s', (size, expected) => {
  expect(isSize(size)).toBe(expected);
});

it('the chunks of every size are its whole, none empty and none too long; 40 at most', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: DOCUMENT_BYTES_MAX }), (size) => {
    const lengths = Array.from({ length: chunkCount(size) }, (_, number) => chunkLength(size, number));
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(size);
    expect(lengths.every((length) => length >= 1 && length <= CHUNK_BYTES)).toBe(true);
    expect(lengths.length).toBeLessThanOrEqual(40);
  }));
});

it('takes 5 MiB, in chunks of 128 KiB, each as base64 within the 256 KiB of a request', () => {
  expect([DOCUMENT_BYTES_MAX, CHUNK_BYTES]).toEqual([5_242_880, 131_072]);
  expect(CHUNK_TEXT_MAX).toBe(Buffer.alloc(CHUNK_BYTES).toString('base64').length);
  expect(CHUNK_TEXT_MAX).toBeLessThan(256 * 1024);
});

it('base64 is read back as what was written', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (content) => {
    expect([...readBase64(Buffer.from(content).toString('base64'))!]).toEqual([...content]);
  }));
});
it.each(['=', 'a', 'YQ', 'YQ=', 'YR==', 'YQ==\n', 'Y Q==', '-_8=', '%PDF'])('%j is no base64', (text) => expect(readBase64(text)).toBeUndefined());

it.each<[string, boolean]>([
  ['ab'.repeat(32), true], ['AB'.repeat(32), true], ['ab'.repeat(31), false], ['ab'.repeat(33), false], ['xy'.repeat(32), false], [`${'ab'.repeat(32)}\n`, false], ['', false],
])('%j as a SHA-256: %s', (text, isOne) => expect(readSha256(text)?.length).toBe(isOne ? 32 : undefined));
