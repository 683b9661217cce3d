export const DOCUMENTS_MAX = 1_000;
export const DOCUMENTS_AT_ONCE = 10;
export const DOCUMENT_BYTES_MAX = 16 * 1024;

export interface DocumentRefusal {
  readonly code: 'INVALID_INPUT' | 'LIMIT_EXCEEDED' | 'NOT_ALLOWED';
  readonly reason?: 'EMPTY' | 'TOO_LONG' | 'CHARACTERS' | 'PUBLISHED_DOCUMENTS' | 'PARTNER_SUSPENDED';
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
