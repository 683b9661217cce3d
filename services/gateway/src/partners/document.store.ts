import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { OperationRequest } from '../graph/graph.runtime';
import { HttpRefusal } from '../http/http.errors';
import { checkOperation, isObject, readJson } from '../http/request.reader';

/** SHA-256 in hex → the document. */
const fileShape = z.record(z.string().regex(/^[0-9a-f]{64}$/), z.string().min(1));

/** The documents that may run at a door, by their ids (`sha256:<hex>`). */
export type DocumentStore = ReadonlyMap<string, string>;

/** Reads the documents that may run. Rejects where one is not what its sum says: it would be another than was agreed on. */
export async function readDocuments(file: string): Promise<DocumentStore> {
  const entries = Object.entries(fileShape.parse(JSON.parse(await readFile(file, 'utf8'))));
  for (const [sum, text] of entries) {
    const found = createHash('sha256').update(text).digest('hex');
    if (found !== sum) throw new Error(`${file}: the document under ${sum} has the sum ${found}`);
  }
  return new Map(entries.map(([sum, text]) => [`sha256:${sum}`, text]));
}

const required = (message: string): HttpRefusal => new HttpRefusal(400, 'PERSISTED_DOCUMENT_REQUIRED', message);

/** Puts the document of a request in the place of its id. A text of the client's own is never run. */
function withDocument(given: unknown, documents: DocumentStore): unknown {
  if (!isObject(given)) return given;
  const { documentId, query, ...rest } = given;
  if (query !== undefined || typeof documentId !== 'string') {
    throw required('Only documents that were agreed on run here: send "documentId", "sha256:" and the sum in hex, and no "query".');
  }
  const text = documents.get(documentId);
  if (text === undefined) throw required('No document was agreed on under this documentId.');
  return { ...rest, query: text };
}

/** Reads the operation of a partner's request: POST with JSON alone, and where there is a store, by the id of a document. */
export async function readPartnerOperation(request: IncomingMessage, documents: DocumentStore | undefined): Promise<OperationRequest> {
  const given = await readJson(request);
  return checkOperation(documents ? withDocument(given, documents) : given);
}
