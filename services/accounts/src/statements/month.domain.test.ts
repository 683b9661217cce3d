import fc from 'fast-check';
import { monthAt, monthBefore, monthOf, monthsBack } from './month.domain';

describe('a month', () => {
  test.each([
    ['2026-11', '2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
    ['2026-12', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['2024-02', '2024-02-01T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
    ['1970-01', '1970-01-01T00:00:00.000Z', '1970-02-01T00:00:00.000Z'],
  ])('%s is from %s to %s', (name, from, to) => {
    expect(monthOf(name)).toEqual({ name, from: new Date(from), to: new Date(to) });
  });

  test.each(['', '2026', '2026-00', '2026-13', '2026-1', '26-11', '2026-11-01', ' 2026-11', '2026-11\n', '1969-12', '0000-01', '-2026-1'])('is not %j', (name) => {
    expect(monthOf(name)).toBeUndefined();
  });

  it('has every instant in exactly one', () => {
    const instants = fc.date({ min: new Date('1970-01-01'), max: new Date('9998-12-31'), noInvalidDate: true });
    fc.assert(fc.property(instants, (instant) => {
      const month = monthAt(instant);
      expect(month.from <= instant && instant < month.to).toBe(true);
      expect(monthOf(month.name)).toEqual(month);
      if (month.name !== '1970-01') expect(monthBefore(month).to).toEqual(month.from);
    }));
  });
});

describe('months back', () => {
  const opened = new Date('2025-11-30T23:59:59.999Z');
  const now = new Date('2026-02-01T00:00:00.000Z');
  const names = (limit: number, after?: string) => monthsBack(opened, now, { limit, after }).map(({ name }) => name);

  test.each<[number, string | undefined, string[]]>([
    [10, undefined, ['2026-02', '2026-01', '2025-12', '2025-11']],
    [2, undefined, ['2026-02', '2026-01']],
    [2, '2026-02', ['2026-01', '2025-12']],
    [2, '2026-03', ['2026-02', '2026-01']],
    [2, 'x', ['2026-02', '2026-01']],
    [2, '2026-01', ['2025-12', '2025-11']],
    [2, '2025-11', []],
    [2, '2027-05', ['2026-02', '2026-01']],
    [1, '1970-01', []],
  ])('%s after %s', (limit, after, wanted) => {
    expect(names(limit, after)).toEqual(wanted);
  });

  it('of a wallet that opens at the first instant of a month begin with it', () => {
    expect(monthsBack(new Date('2026-02-01T00:00:00.000Z'), now, { limit: 5 }).map(({ name }) => name)).toEqual(['2026-02']);
  });
});
