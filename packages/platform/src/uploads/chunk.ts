import { createHash } from 'node:crypto';
import { CHUNK_TEXT_MAX, chunkCount, chunkLength, isSize, type MediaType, readBase64, readSha256, sniff } from './document';

/** A document as far as it has come. */
export interface DocumentSoFar {
  readonly size: number;
  /** The number of the chunk that is due: the count of all where all are here. */
  readonly nextChunk: number;
  /** What it is by its first chunk; null before that. */
  readonly mediaType: MediaType | null;
  /** How often a last chunk came with which the whole did not have its sum. */
  readonly wrongSums: number;
}

/** With so many last chunks that were wrong an upload is closed: each has the whole read again. Whoever means it takes it out and begins anew. */
export const WRONG_SUMS_MAX = 5;

/** Why something of an upload is not taken; each reason has its text among those of user errors. */
export interface UploadFault {
  readonly field: 'size' | 'sha256' | 'number' | 'content' | 'documentId';
  readonly reason:
    | 'DOCUMENT_SIZE' | 'SHA256_FORM' | 'TOO_LONG' | 'BASE64' | 'DOCUMENT_CHUNK_NOT_DUE' | 'DOCUMENT_CHUNK_CHANGED' | 'CHUNK_LENGTH' | 'MEDIA_TYPE' | 'SHA256' | 'UPLOAD_CLOSED';
}

export const uploadFault = (field: UploadFault['field'], reason: UploadFault['reason']): { readonly fault: UploadFault } => ({ fault: { field, reason } });

/** Reads what is announced of a document. */
export function readAnnouncement({ size, sha256: text }: { size: number; sha256: string }): { readonly sha256: Buffer } | { readonly fault: UploadFault } {
  if (!isSize(size)) return uploadFault('size', 'DOCUMENT_SIZE');
  const sha256 = readSha256(text);
  return sha256 ? { sha256 } : uploadFault('sha256', 'SHA256_FORM');
}

/** Reads the content of a chunk, which comes as base64. */
export function readContent(content: string): { readonly bytes: Buffer } | { readonly fault: UploadFault } {
  if (content.length > CHUNK_TEXT_MAX) return uploadFault('content', 'TOO_LONG');
  const bytes = readBase64(content);
  return bytes ? { bytes } : uploadFault('content', 'BASE64');
}

/** What is done with a chunk: the next one is kept, one that came before is compared with what was kept. */
export type ChunkPlan =
  | { readonly place: 'DUE'; readonly mediaType: MediaType; readonly isLast: boolean }
  | { readonly place: 'BEFORE' }
  | { readonly fault: UploadFault };

/** Decides about a chunk. Chunks come in their order, each of its whole length, and the first says what the document is. */
export function planChunk({ size, nextChunk, mediaType: known, wrongSums }: DocumentSoFar, { number, bytes }: { number: number; bytes: Uint8Array }): ChunkPlan {
  if (Number.isInteger(number) && number >= 0 && number < nextChunk) return { place: 'BEFORE' };
  if (wrongSums >= WRONG_SUMS_MAX) return uploadFault('documentId', 'UPLOAD_CLOSED');
  const count = chunkCount(size);
  if (number !== nextChunk || number >= count) return uploadFault('number', 'DOCUMENT_CHUNK_NOT_DUE');
  if (bytes.length !== chunkLength(size, number)) return uploadFault('content', 'CHUNK_LENGTH');
  const mediaType = number === 0 ? sniff(bytes) : known;
  return mediaType ? { place: 'DUE', mediaType, isLast: number + 1 === count } : uploadFault('content', 'MEDIA_TYPE');
}

/** Sums all chunks of a document up, one at a time, so that no more than one is held. */
export async function sumOfChunks(size: number, read: (number: number) => Promise<Buffer>): Promise<Buffer> {
  const sum = createHash('sha256');
  for (let number = 0; number < chunkCount(size); number += 1) sum.update(await read(number));
  return sum.digest();
}
