import { DOCUMENT_BYTES_MAX, DOCUMENTS_MAX, documentRefusals, readIds, roomRefusals, WITHDRAWN_AT_ONCE } from './partner-document.domain';

it.each([
  [[], ['input.documents EMPTY']],
  [['{ partner { id } }'], []],
  [Array.from({ length: 10 }, (_none, index) => `{ a${index} }`), []],
  [Array.from({ length: 11 }, (_none, index) => `{ a${index} }`), ['input.documents TOO_LONG']],
  [['{ a }', ' \n', '{ b }', ''], ['input.documents.1 EMPTY', 'input.documents.3 EMPTY']],
  [['a'.repeat(DOCUMENT_BYTES_MAX), 'a'.repeat(DOCUMENT_BYTES_MAX + 1), 'ä'.repeat(DOCUMENT_BYTES_MAX / 2 + 1)], ['input.documents.1 TOO_LONG', 'input.documents.2 TOO_LONG']],
  [['{ a } # \ud800', '{ a } # \0', '{ a } # 😀'], ['input.documents.0 CHARACTERS', 'input.documents.1 CHARACTERS']],
])('documents %#', (texts, refusals) => {
  expect(documentRefusals(texts).map(({ field, reason }) => `${field.join('.')} ${reason}`)).toEqual(refusals);
});

it.each([[0, 10, true], [DOCUMENTS_MAX - 1, 1, true], [DOCUMENTS_MAX - 1, 2, false], [DOCUMENTS_MAX, 0, true], [DOCUMENTS_MAX, 1, false]])(
  'of %d documents, %d more fit: %s', (there, more, fits) => {
    expect(roomRefusals(there, more)).toEqual(fits ? [] : [{ code: 'LIMIT_EXCEEDED', reason: 'PUBLISHED_DOCUMENTS', field: ['input', 'documents'] }]);
  },
);

describe('readIds', () => {
  const id = (digit: string): string => `sha256:${digit.repeat(64)}`;
  it.each<[string, string[], string[] | string]>([
    ['each once', [id('a'), id('b'), id('a')], ['a'.repeat(64), 'b'.repeat(64)]], ['none', [], 'EMPTY'],
    ['too many', Array.from({ length: WITHDRAWN_AT_ONCE + 1 }, () => id('a')), 'TOO_LONG'], ['as many as may be', Array.from({ length: WITHDRAWN_AT_ONCE }, () => id('a')), ['a'.repeat(64)]],
    ['without its prefix', ['a'.repeat(64)], 'DOCUMENT_ID'], ['in capitals', [id('A')], 'DOCUMENT_ID'], ['too short', [id('a').slice(1)], 'DOCUMENT_ID'],
    ['with more behind', [`${id('a')}\n`], 'DOCUMENT_ID'], ['with more before', [` ${id('a')}`], 'DOCUMENT_ID'],
  ])('%s', (_what, ids, expected) => {
    const read = readIds(ids);
    expect(read.ok ? read.sums : read.refusals[0]!.reason).toEqual(expected);
  });

  it('names the list where its length is wrong, and each that is no id', () => {
    expect(readIds([])).toEqual({ ok: false, refusals: [{ code: 'INVALID_INPUT', reason: 'EMPTY', field: ['input', 'documents'] }] });
    const each = ['1', '3'].map((index) => ({ code: 'INVALID_INPUT', reason: 'DOCUMENT_ID', field: ['input', 'documents', index] }));
    expect(readIds([id('a'), 'x', id('b'), ''])).toEqual({ ok: false, refusals: each });
  });
});
