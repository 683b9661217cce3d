export const DOCUMENT_KINDS = ['REGISTRATION', 'OWNER_IDENTITY', 'BANK_PROOF', 'PREMISES'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** Without one of each of these nothing is reviewed. */
export const REQUIRED_KINDS: readonly DocumentKind[] = ['REGISTRATION', 'OWNER_IDENTITY', 'BANK_PROOF'];

export const MEDIA_TYPES = ['application/pdf', 'image/png', 'image/jpeg'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

export const DOCUMENT_BYTES_MAX = 5 * 1024 * 1024;
export const DOCUMENTS_MAX = 10;
/** Every chunk but the last is this long: as base64 it fits into a request of the door, which has 256 KiB. */
export const CHUNK_BYTES = 128 * 1024;

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

/** Reads base64 (RFC 4648) as it must be written; undefined for everything else, so that each text is one content. */
export function readBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

/** The most characters of a chunk as base64. */
export const CHUNK_TEXT_MAX = Math.ceil(CHUNK_BYTES / 3) * 4;

/** A document as the submission of its application looks at it. */
export interface DocumentState {
  readonly kind: DocumentKind;
  readonly stored: boolean;
  /** Whether the reviewer asked for another in its place. */
  readonly marked: boolean;
}

/** Says why an application cannot be submitted with these documents; undefined where it can. */
export function submissionFault(documents: readonly DocumentState[]): 'DOCUMENT_MISSING' | 'DOCUMENT_INCOMPLETE' | 'DOCUMENT_MARKED' | undefined {
  if (documents.some(({ stored }) => !stored)) return 'DOCUMENT_INCOMPLETE';
  if (documents.some(({ marked }) => marked)) return 'DOCUMENT_MARKED';
  const missing = REQUIRED_KINDS.some((kind) => !documents.some((document) => document.kind === kind));
  return missing ? 'DOCUMENT_MISSING' : undefined;
}
