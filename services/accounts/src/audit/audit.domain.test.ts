import { reasonRefusals } from './audit.domain';

describe('reasonRefusals', () => {
  it.each([
    ['The bank booked it twice', undefined], ['two\nlines\tand a tab', undefined], ['错账', undefined], [`${'👍'.repeat(499)}a`, undefined],
    ['', 'EMPTY'], [' \n', 'EMPTY'], ['x'.repeat(501), 'TOO_LONG'], ['bell\u0007', 'CHARACTERS'], ['\ud800', 'CHARACTERS'], ['\r', 'EMPTY'], ['...', 'EMPTY'], ['👍', 'EMPTY'],
    ['for 005\u202e00.5', 'CHARACTERS'],
    // What is kept is what was written, blanks and all: it must fit.
    [`x${' '.repeat(500)}`, 'TOO_LONG'], ['e\u0301'.repeat(251), 'TOO_LONG'],
    ['a\rb', 'CHARACTERS'],
  ])('%j: %s', (text, reason) => {
    expect(reasonRefusals(text)).toEqual(reason ? [{ code: 'INVALID_INPUT', reason, field: ['input', 'reason'] }] : []);
  });
});
