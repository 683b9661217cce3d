import fc from 'fast-check';
import { closableAt, dayOf, daysAfter, endOf, nextBatch } from './business-day.domain';

const at = (text: string): Date => new Date(`${text}Z`);

describe('a business day', () => {
  it.each([
    ['2026-11-28T00:00:00.000', 0, '2026-11-28'], ['2026-11-27T23:59:59.999', 0, '2026-11-27'],
    ['2026-11-28T21:59:59.999', 22 * 60, '2026-11-28'], ['2026-11-28T22:00:00.000', 22 * 60, '2026-11-29'],
    ['2026-12-31T22:00:00.000', 22 * 60, '2027-01-01'], ['2028-02-28T23:30:00.000', 23 * 60, '2028-02-29'],
  ])('%s with a cut-off at minute %i is %s', (instant, cutOff, day) => expect(dayOf(at(instant), cutOff)).toBe(day));

  it('holds the instants before its end, and no other', () => {
    const instant = fc.date({ min: at('2000-01-01T00:00:00'), max: at('2100-01-01T00:00:00'), noInvalidDate: true });
    fc.assert(fc.property(instant, fc.integer({ min: 0, max: 1_439 }), (when, cutOff) => {
      const day = dayOf(when, cutOff);
      expect(when < endOf(day, cutOff)).toBe(true);
      expect(when >= endOf(daysAfter(day, -1), cutOff)).toBe(true);
      expect(dayOf(endOf(day, cutOff), cutOff)).toBe(daysAfter(day, 1));
    }));
  });
});

describe('nextBatch', () => {
  const [D, NEXT] = ['2026-11-28', '2026-11-29'];
  it.each([
    ['nothing', null, null, null, undefined],
    ['a first line', '2026-11-28T10:00:00', null, null, D],
    ['a line after a closed day', '2026-11-29T10:00:00', '2026-11-29T00:00:00', null, NEXT],
    ['a line that came too late for its day', '2026-11-28T10:00:00', '2026-11-29T00:00:00', null, NEXT],
    ['a line after a batch that was closed by hand', '2026-11-28T16:00:00', '2026-11-28T15:00:00', null, D],
    ['a release alone', null, '2026-11-25T00:00:00', D, D],
    ['a release before the next line', '2026-11-29T10:00:00', '2026-11-25T00:00:00', D, D],
    ['a release after the next line', '2026-11-28T10:00:00', '2026-11-25T00:00:00', NEXT, D],
    ['a release that is long due', null, '2026-11-29T00:00:00', '2026-11-01', NEXT],
  ])('%s', (_what, line, closed, releaseDay, expected) => {
    const next = nextBatch({ firstLineAt: line === null ? null : at(line), closedUntil: closed === null ? null : at(closed), releaseDay }, 0);
    expect(next?.day).toBe(expected);
    if (next) expect(closableAt(next)).toEqual(new Date(endOf(next.day, 0).getTime() + 60_000));
  });
});
