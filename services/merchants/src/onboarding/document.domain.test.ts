import { type DocumentState, submissionFault } from './document.domain';

const stored = (kind: DocumentState['kind'], change: Partial<DocumentState> = {}): DocumentState => ({ kind, stored: true, marked: false, ...change });
const needed = [stored('REGISTRATION'), stored('OWNER_IDENTITY'), stored('BANK_PROOF')];
it.each<[string, DocumentState[], string | undefined]>([
  ['what is needed', needed, undefined],
  ['more than that', [...needed, stored('PREMISES'), stored('OWNER_IDENTITY')], undefined],
  ['nothing', [], 'DOCUMENT_MISSING'],
  ['no identity', [needed[0]!, needed[2]!, stored('PREMISES')], 'DOCUMENT_MISSING'],
  ['no registration', needed.slice(1), 'DOCUMENT_MISSING'],
  ['no proof of the bank', needed.slice(0, 2), 'DOCUMENT_MISSING'],
  ['one that is not here whole, and one that was marked', [stored('PREMISES', { marked: true }), stored('REGISTRATION', { stored: false })], 'DOCUMENT_INCOMPLETE'],
  ['one that is not here whole', [...needed, stored('PREMISES', { stored: false })], 'DOCUMENT_INCOMPLETE'],
  ['one that was marked', [...needed, stored('OWNER_IDENTITY', { marked: true })], 'DOCUMENT_MARKED'],
])('with %s: %s', (_what, documents, expected) => expect(submissionFault(documents)).toBe(expected));
