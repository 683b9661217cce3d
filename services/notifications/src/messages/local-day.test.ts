import fc from 'fast-check';
import { isQuiet, leavesTheDay, quietUntil } from './local-day';

const NIGHT = { from: '22:00', to: '08:00' };
const at = (text: string): Date => new Date(text);

describe('the end of quiet hours', () => {
  it.each([
    // zone, now, end
    ['UTC', '2026-11-22T21:59:59Z', null],
    ['UTC', '2026-11-22T22:00:00Z', '2026-11-23T08:00:00Z'],
    ['UTC', '2026-11-23T07:59:59Z', '2026-11-23T08:00:00Z'],
    ['UTC', '2026-11-23T08:00:00Z', null],
    // Monday 08:00 in Tokyo is Sunday in UTC.
    ['Asia/Tokyo', '2026-11-22T22:30:00Z', '2026-11-22T23:00:00Z'],
    ['Asia/Shanghai', '2026-11-22T15:00:00Z', '2026-11-23T00:00:00Z'],
    // The night in which New York's clocks go back is an hour longer, the one in which they go forward an hour shorter.
    ['America/New_York', '2026-11-01T03:00:00Z', '2026-11-01T13:00:00Z'],
    ['America/New_York', '2026-03-08T04:00:00Z', '2026-03-08T12:00:00Z'],
    // Half an hour of daylight saving.
    ['Australia/Lord_Howe', '2026-10-03T12:00:00Z', '2026-10-03T21:00:00Z'],
    ['Asia/Kathmandu', '2026-11-22T17:00:00Z', '2026-11-23T02:15:00Z'],
    // A zone that does not exist counts as UTC.
    ['Mars/Olympus', '2026-11-22T23:00:00Z', '2026-11-23T08:00:00Z'],
  ])('%s at %s: %s', (zone, now, end) => {
    expect(quietUntil(NIGHT, zone, at(now))).toEqual(end === null ? null : at(end));
  });

  it('is never where there are no quiet hours', () => {
    expect(quietUntil(null, 'UTC', at('2026-11-22T23:00:00Z'))).toBeNull();
  });

  it('is after the gap where the clocks skip it', () => {
    // In Berlin 02:30 of 29 March 2026 does not exist.
    const end = quietUntil({ from: '22:00', to: '02:30' }, 'Europe/Berlin', at('2026-03-28T23:00:00Z'))!;
    expect(isQuiet({ from: '22:00', to: '02:30' }, 'Europe/Berlin', end)).toBe(false);
    expect(end.getTime()).toBeLessThanOrEqual(at('2026-03-29T01:30:00Z').getTime());
  });

  const zones = Intl.supportedValuesOf('timeZone');
  const minute = fc
    .integer({ min: 0, max: 24 * 60 - 1 })
    .map((m) => `${String(Math.floor(m / 60)).padStart(2, '0')}:${String(m % 60).padStart(2, '0')}`);
  const hours = fc.record({ from: minute, to: minute }).filter(({ from, to }) => from !== to);
  const instant = fc.date({ min: at('2024-01-01T00:00:00Z'), max: at('2030-12-31T00:00:00Z'), noInvalidDate: true });

  it('lies outside of the quiet hours, after now, within two days, whatever the zone and the day', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), hours, instant, (zone, quiet, now) => {
        const end = quietUntil(quiet, zone, now);
        if (end === null) return expect(isQuiet(quiet, zone, now)).toBe(false);
        expect(isQuiet(quiet, zone, now)).toBe(true);
        expect(isQuiet(quiet, zone, end)).toBe(false);
        expect(end.getTime()).toBeGreaterThan(now.getTime());
        expect(end.getTime() - now.getTime()).toBeLessThanOrEqual(50 * 3_600_000);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is no later than the wall clock says, on every hour of the days that change the clocks', () => {
    const days: [string, string][] = [
      ['America/New_York', '2026-03-07'],
      ['America/New_York', '2026-10-31'],
      ['Europe/Berlin', '2026-03-28'],
      ['Europe/Berlin', '2026-10-24'],
      ['Australia/Lord_Howe', '2026-04-04'],
      ['Africa/Cairo', '2026-04-23'],
      ['America/Santiago', '2026-09-05'],
      ['Africa/Casablanca', '2026-02-14'],
    ];
    for (const [zone, day] of days) {
      for (let hour = 0; hour < 72; hour++) {
        const now = new Date(at(`${day}T00:00:00Z`).getTime() + hour * 3_600_000);
        const end = quietUntil(NIGHT, zone, now);
        if (!end) continue;
        // A minute before the end it is still quiet: nobody is kept waiting after the night.
        expect(isQuiet(NIGHT, zone, new Date(end.getTime() - 60_000))).toBe(true);
        expect(isQuiet(NIGHT, zone, end)).toBe(false);
      }
    }
  });
});

describe('the day that a message counts for', () => {
  it.each([
    ['UTC', '2026-11-22T10:00:00Z', '2026-11-23T10:00:00Z'],
    // The day on which the clocks go back has 25 hours: 24 would not be enough.
    ['America/New_York', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
    // The one on which they go forward has 23.
    ['America/New_York', '2026-03-08T05:00:00Z', '2026-03-09T05:00:00Z'],
  ])('%s, sent %s, ends %s', (zone, sent, end) => {
    expect(leavesTheDay(at(sent), zone)).toEqual(at(end));
  });
});
