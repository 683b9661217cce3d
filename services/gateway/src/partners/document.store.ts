import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** SHA-256 in hex → the document. */
const fileShape = z.record(z.string().regex(/^[0-9a-f]{64}$/), z.string().min(1));

/** The documents that every bank may run at a door, by their ids (`sha256:<hex>`). */
export type DocumentStore = ReadonlyMap<string, string>;

/**
 * By this document a bank publishes others. In production it must be there before any other: no text of a bank's own runs.
 * Its id stands in docs/partners/door.md, so not a byte of it may change.
 */
export const PUBLISH_DOCUMENT =
  'mutation PublishDocuments($input: PublishDocumentsInput!) { publishDocuments(input: $input) ' +
  '{ documents { id publishedAt } userErrors { code message field } } }';

/** By this one it takes others out again, also where it has as many as there may be and could not publish a way to do so. */
export const WITHDRAW_DOCUMENT =
  'mutation WithdrawDocuments($input: WithdrawDocumentsInput!) { withdrawDocuments(input: $input) { withdrawn userErrors { code message field } } }';

/** What every door has. */
export const OWN_DOCUMENTS: DocumentStore = new Map([PUBLISH_DOCUMENT, WITHDRAW_DOCUMENT].map((text) => [`sha256:${sumOf(text)}`, text]));

/** Reads the documents that may run. Rejects where one is not what its sum says: it would be another than was agreed on. */
export async function readDocuments(file: string): Promise<DocumentStore> {
  const entries = Object.entries(fileShape.parse(JSON.parse(await readFile(file, 'utf8'))));
  for (const [sum, text] of entries) {
    const found = sumOf(text);
    if (found !== sum) throw new Error(`${file}: the document under ${sum} has the sum ${found}`);
  }
  return new Map(entries.map(([sum, text]) => [`sha256:${sum}`, text]));
}

/** Says whether a text is the one that an id names. */
export const isDocument = (id: string, text: string): boolean => id === `sha256:${sumOf(text)}`;
