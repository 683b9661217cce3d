export const DOCUMENTS_MAX = 1_000;
export const DOCUMENTS_AT_ONCE = 10;
export const DOCUMENT_BYTES_MAX = 16 * 1024;

export interface DocumentRefusal {
  readonly code: 'INVALID_INPUT' | 'LIMIT_EXCEEDED' | 'NOT_ALLOWED' | 'NOT_FOUND';
  readonly reason?: 'DOCUMENT_ID' | 'EMPTY' | 'TOO_LONG' | 'CHARACTERS' | 'PUBLISHED_DOCUMENTS' | 'PARTNER_SUSPENDED';
  readonly field: readonly string[];
}

function faultOf(text: string): 'EMPTY' | 'TOO_LONG' | 'CHARACTERS' | undefined {
  if (text.trim() === '') return 'EMPTY';
  // A lone half of a character is another text once it is UTF-8; PostgreSQL keeps no NUL.
  if (/[\p{Cs}\0]/u.test(text)) return 'CHARACTERS';
  return Buffer.byteLength(text) > DOCUMENT_BYTES_MAX ? 'TOO_LONG' : undefined;
}

/** Gives all that is at fault with documents that a bank wants to publish, in their order. Whether they fit the graph the door has checked. */
export function documentRefusals(texts: readonly string[]): DocumentRefusal[] {
  const field = ['input', 'documents'];
  if (texts.length === 0) return [{ code: 'INVALID_INPUT', reason: 'EMPTY', field }];
  if (texts.length > DOCUMENTS_AT_ONCE) return [{ code: 'INVALID_INPUT', reason: 'TOO_LONG', field }];
  return texts.flatMap((text, index) => {
    const reason = faultOf(text);
    return reason ? [{ code: 'INVALID_INPUT' as const, reason, field: [...field, String(index)] }] : [];
  });
}

/** Decides whether so many new documents come to those that there are. */
export function roomRefusals(there: number, more: number): DocumentRefusal[] {
  return there + more > DOCUMENTS_MAX ? [{ code: 'LIMIT_EXCEEDED', reason: 'PUBLISHED_DOCUMENTS', field: ['input', 'documents'] }] : [];
}

/** How many documents are withdrawn at once. */
export const WITHDRAWN_AT_ONCE = 100;
const ID = /^sha256:([0-9a-f]{64})$/;

/** Reads the ids of documents that somebody withdraws, as sums, each once. */
export function readIds(
  ids: readonly string[],
): { readonly ok: true; readonly sums: readonly string[] } | { readonly ok: false; readonly refusals: readonly DocumentRefusal[] } {
  const field = ['input', 'documents'];
  const refused = (reason: 'EMPTY' | 'TOO_LONG') => ({ ok: false, refusals: [{ code: 'INVALID_INPUT', reason, field }] }) as const;
  if (ids.length === 0) return refused('EMPTY');
  if (ids.length > WITHDRAWN_AT_ONCE) return refused('TOO_LONG');
  const sums = ids.map((id) => ID.exec(id)?.[1]);
  const refusals = sums.flatMap((sum, index): DocumentRefusal[] =>
    (sum === undefined ? [{ code: 'INVALID_INPUT', reason: 'DOCUMENT_ID', field: [...field, String(index)] }] : []));
  return refusals.length > 0 ? { ok: false, refusals } : { ok: true, sums: [...new Set(sums as string[])] };
}
