import fc from 'fast-check';
import { readReasonText, REASON_LENGTH_MAX, textFault } from '.';

describe('a reason', () => {
  it.each([
    ['a word', 'lost', 'lost'], ['blanks around it', ' Contract 7\n', 'Contract 7'], ['lines and a tab', 'a\n\tb', 'a\n\tb'], ['another script', '错账', '错账'],
    ['digits alone', '4711', '4711'], ['a character in two parts', 'Cre\u0301dit', 'Cr\u00e9dit'], ['500 characters', 'x'.repeat(500), 'x'.repeat(500)],
    ['500 characters outside the basic plane', '\u{1D4B3}'.repeat(500), '\u{1D4B3}'.repeat(500)],
    // Composed it is short enough: what counts is what is kept.
    ['500 characters in a thousand parts', 'e\u0301'.repeat(500), '\u00e9'.repeat(500)],
  ])('of %s is read', (_what, given, reason) => expect(readReasonText(given)).toEqual({ reason, fault: undefined }));

  it.each([
    ['nothing', '', 'EMPTY'], ['blanks', ' \n\t', 'EMPTY'], ['a return', '\r', 'EMPTY'], ['signs alone', '...', 'EMPTY'], ['pictures alone', '\u{1F44D}', 'EMPTY'],
    ['501 characters', 'x'.repeat(501), 'TOO_LONG'], ['a NUL', 'a\0', 'CHARACTERS'], ['a bell', 'bell\u0007', 'CHARACTERS'], ['a return within', 'a\rb', 'CHARACTERS'],
    ['half a surrogate pair', 'a\ud800', 'CHARACTERS'], ['a mark that turns the direction', 'a\u202eb', 'CHARACTERS'],
    ['an isolate', 'a\u2066b', 'CHARACTERS'], ['a mark of Arabic letters', 'a\u061cb', 'CHARACTERS'],
  ])('of %s is refused', (_what, given, fault) => expect(readReasonText(given).fault).toBe(fault));

  it('is what it is read as: a second reading changes nothing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (given) => {
      const { reason, fault } = readReasonText(given);
      expect(readReasonText(reason)).toEqual({ reason, fault });
      if (fault === undefined) expect(Array.from(reason).length).toBeLessThanOrEqual(REASON_LENGTH_MAX);
    }));
  });
});

it.each([['ten', 10, undefined], ['eleven', 11, 'TOO_LONG']])('a text of %s characters is held to the ten that are told', (_words, length, fault) => {
  expect(textFault('x'.repeat(length), 10)).toBe(fault);
});
