import fc from 'fast-check';
import { decideLabel, LABEL_LENGTH_MAX } from './__entityFile__.domain';

const reasonOf = (text: string): string | undefined => {
  const decision = decideLabel(text);
  return decision.ok ? undefined : decision.refusals.map(({ field, reason }) => `${field.join('.')} ${reason}`).join();
};

describe('a label', () => {
  it.each([
    ['a plain one', 'First', undefined],
    ['of one character', 'X', undefined],
    ['of 80 characters', 'x'.repeat(80), undefined],
    ['of 80 characters outside the basic plane', '😀'.repeat(80), undefined],
    ['of 80 characters between blanks', `  ${'x'.repeat(80)}  `, undefined],
    ['of 81 characters', 'x'.repeat(81), 'input.label TOO_LONG'],
    ['that is empty', '', 'input.label EMPTY'],
    ['of blanks', ' \u00a0 ', 'input.label EMPTY'],
    ['of nothing visible', '\u200b\u200d', 'input.label EMPTY'],
    ['with a NUL', 'a\0b', 'input.label CHARACTERS'],
    ['of two lines', 'a\nb', 'input.label CHARACTERS'],
    ['with half a surrogate pair', 'a\ud800b', 'input.label CHARACTERS'],
    ['that turns the direction of text', 'a\u202eb', 'input.label CHARACTERS'],
  ])('%s', (_what, text, expected) => {
    expect(reasonOf(text)).toBe(expected);
  });
  it('is kept in one form, trimmed', () => {
    expect(decideLabel(' Cafe\u0301 ')).toEqual({ ok: true, label: 'Caf\u00e9' });
  });
  it('that is accepted is accepted again as it was kept, and is never too long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const decision = decideLabel(text);
        if (!decision.ok) return;
        expect(decideLabel(decision.label)).toEqual(decision);
        expect(Array.from(decision.label).length).toBeLessThanOrEqual(LABEL_LENGTH_MAX);
      }),
    );
  });
});
