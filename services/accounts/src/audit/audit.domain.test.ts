import { reasonRefusals } from './audit.domain';

describe('reasonRefusals', () => {
  it.each([
    ['The bank booked it twice', undefined], ['two\nlines\tand a tab', undefined], ['错账', undefined], ['👍'.repeat(500), undefined],
    ['', 'EMPTY'], [' \n', 'EMPTY'], ['x'.repeat(501), 'TOO_LONG'], ['bell\u0007', 'CHARACTERS'], ['\ud800', 'CHARACTERS'], ['\r', 'EMPTY'],
    ['a\rb', 'CHARACTERS'],
  ])('%j: %s', (text, reason) => {
    expect(reasonRefusals(text)).toEqual(reason ? [{ code: 'INVALID_INPUT', reason, field: ['input', 'reason'] }] : []);
  });
});
