export const MEDIA_TYPES = ['application/pdf', 'image/png', 'image/jpeg'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

export const DOCUMENT_BYTES_MAX = 5 * 1024 * 1024;
/** Every chunk but the last is this long: as base64 it fits into a request of the door, which has 256 KiB. */
export const CHUNK_BYTES = 128 * 1024;
/** The most characters of a chunk as base64. */
export const CHUNK_TEXT_MAX = Math.ceil(CHUNK_BYTES / 3) * 4;

const SIGNATURES: readonly (readonly [MediaType, readonly (number | undefined)[]])[] = [
  ['application/pdf', [...Buffer.from('%PDF-')]],
  // The signature of a PNG, the length of its first chunk, and that chunk's name.
  ['image/png', [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, ...Buffer.from('IHDR')]],
  ['image/jpeg', [0xff, 0xd8, 0xff]],
];

/** Gives what a file is by how it begins, whatever it is called; undefined for everything that is not taken. */
export function sniff(head: Uint8Array): MediaType | undefined {
  return SIGNATURES.find(([, signature]) => signature.every((byte, index) => head[index] === byte))?.[0];
}

/** How many chunks a document of this size has. */
export const chunkCount = (size: number): number => Math.ceil(size / CHUNK_BYTES);

/** How many bytes a chunk has. */
export function chunkLength(size: number, number: number): number {
  return Math.min(CHUNK_BYTES, size - number * CHUNK_BYTES);
}

export function isSize(size: number): boolean {
  return Number.isInteger(size) && size >= 1 && size <= DOCUMENT_BYTES_MAX;
}

/** Reads a SHA-256 in hexadecimal; undefined for everything else. */
export function readSha256(text: string): Buffer | undefined {
  return /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : undefined;
}

/** Reads base64 (RFC 4648) as it must be written; undefined for everything else, so that each text is one content. */
export function readBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
