export const DOCUMENT_KINDS = ['REGISTRATION', 'OWNER_IDENTITY', 'BANK_PROOF', 'PREMISES'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** Without one of each of these nothing is reviewed. */
export const REQUIRED_KINDS: readonly DocumentKind[] = ['REGISTRATION', 'OWNER_IDENTITY', 'BANK_PROOF'];

/** How many documents an application has. */
export const DOCUMENTS_MAX = 10;

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
