import type { Identity } from '@tael/platform/identity';
import type { IncomingMessage } from 'node:http';
import type { OperationRequest } from '../graph/graph.runtime';
import { HttpRefusal } from '../http/http.errors';
import { checkOperation, isObject, readJson } from '../http/request.reader';
import { type DocumentStore, OWN_DOCUMENTS } from './document.store';
import type { PublishedDocuments } from './published.documents';

const required = (message: string): HttpRefusal => new HttpRefusal(400, 'PERSISTED_DOCUMENT_REQUIRED', message);

export interface PartnerDocuments {
  /** What every bank may run. Where it is given, nobody runs a text of their own, in the sandbox neither. */
  readonly agreed: DocumentStore | undefined;
  readonly published: PublishedDocuments;
}

/** Makes what reads the operation of a partner's request: POST with JSON alone, in production by the id of a document. */
export function createPartnerReader({ agreed, published }: PartnerDocuments) {
  async function textOf(id: string, identity: Identity): Promise<string> {
    const text = OWN_DOCUMENTS.get(id) ?? agreed?.get(id) ?? (await published.find(id, identity));
    if (text === undefined) throw required('There is no document of this documentId. Publish it first.');
    return text;
  }

  return async function readPartnerOperation(request: IncomingMessage, identity: Identity): Promise<OperationRequest> {
    const given = await readJson(request);
    if (!isObject(given)) return checkOperation(given);
    const { documentId, query, ...rest } = given;
    const isFree = agreed === undefined && identity.partner?.environment === 'SANDBOX';
    if (query === undefined && typeof documentId === 'string') return checkOperation({ ...rest, query: await textOf(documentId, identity) });
    if (isFree) return checkOperation(given);
    throw required('Only documents that were published run here: send "documentId", "sha256:" and the sum in hex, and no "query".');
  };
}
