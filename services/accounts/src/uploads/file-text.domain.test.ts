import fc from 'fast-check';
import { isDay, isReference } from './file-text.domain';

describe('isDay', () => {
  it.each<[string, boolean]>([
    ['2026-11-28', true], ['2024-02-29', true], ['2000-02-29', true], ['1900-01-01', true], ['9999-12-31', true],
    ['2026-02-29', false], ['1900-02-29', false], ['2026-04-31', false], ['2026-13-01', false], ['2026-00-01', false], ['2026-11-00', false], ['2026-11-99', false],
    ['1899-12-31', false], ['0099-01-01', false], ['26-01-01', false], ['12026-11-28', false], [' 2026-11-28', false], ['2026-11-28 ', false], ['2026-11-28T', false],
    ['2026-1-28', false], ['2026-11-2', false], ['20261128', false], ['٢٠٢٦-11-28', false], ['', false],
  ])('%j: %s', (text, expected) => expect(isDay(text)).toBe(expected));

  it('is each day that there is', () => {
    fc.assert(fc.property(fc.date({ min: new Date('1900-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      expect(isDay(date.toISOString().slice(0, 10))).toBe(true);
    }));
  });
});

it.each<[string, boolean]>([
  ['!', true], ['~', true], ['2026-11/a', true], ['x'.repeat(64), true], ['x'.repeat(65), false], ['', false], ['a b', false], [' a', false], ['a ', false], ['é', false],
  ['a\x7f', false], ['\x1fa', false],
])('isReference %j: %s', (text, expected) => expect(isReference(text)).toBe(expected));
