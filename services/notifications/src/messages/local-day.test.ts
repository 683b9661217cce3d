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

  it.each([
    // to, zone, now, end
    // In Berlin the hour from two to three is skipped on 29 March 2026 at 01:00Z: the night ends where the gap does.
    ['02:30', 'Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29T01:00:00Z'],
    ['03:00', 'Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29T01:00:00Z'],
    ['03:01', 'Europe/Berlin', '2026-03-28T23:00:00Z', '2026-03-29T01:01:00Z'],
    // On 25 October 2026 it comes twice, again from 01:00Z on: the night ends the first time, and is back for the rest.
    ['02:30', 'Europe/Berlin', '2026-10-25T00:29:30Z', '2026-10-25T00:30:00Z'],
    ['02:30', 'Europe/Berlin', '2026-10-25T00:30:00Z', null],
    ['02:30', 'Europe/Berlin', '2026-10-25T01:15:00Z', '2026-10-25T01:30:00Z'],
    ['03:00', 'Europe/Berlin', '2026-10-24T23:00:00Z', '2026-10-25T02:00:00Z'],
    // In Santiago it is midnight itself that is skipped, and the hour before it that comes twice.
    ['00:30', 'America/Santiago', '2026-09-06T02:00:00Z', '2026-09-06T04:00:00Z'],
    ['00:00', 'America/Santiago', '2026-04-05T02:30:00Z', '2026-04-05T04:00:00Z'],
    // Apia left out a whole day, 30 December 2011: the night ended on the 31st as always.
    ['08:00', 'Pacific/Apia', '2011-12-30T08:30:00Z', '2011-12-30T18:00:00Z'],
  ])('is %s in %s where the clocks change, at %s: %s', (to, zone, now, end) => {
    expect(quietUntil({ from: '22:00', to }, zone, at(now))).toEqual(end === null ? null : at(end));
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

  it('is the first minute that is not quiet, however the clocks change', () => {
    const changes: [string, string][] = [
      ['America/New_York', '2026-03-08T07:00:00Z'],
      ['America/New_York', '2026-11-01T06:00:00Z'],
      ['Europe/Berlin', '2026-03-29T01:00:00Z'],
      ['Europe/Berlin', '2026-10-25T01:00:00Z'],
      ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
      ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
      ['Africa/Cairo', '2026-04-23T22:00:00Z'],
      ['America/Santiago', '2026-04-05T03:00:00Z'],
      ['America/Santiago', '2026-09-06T04:00:00Z'],
      ['Africa/Casablanca', '2026-02-15T02:00:00Z'],
    ];
    const minutes = fc.integer({ min: -240, max: 240 });
    fc.assert(
      fc.property(fc.constantFrom(...changes), minutes, minutes, minutes, ([zone, changed], begin, finish, off) => {
        const moved = (by: number): Date => new Date(at(changed).getTime() + by * 60_000);
        const quiet = { from: wallClock(zone, moved(begin)), to: wallClock(zone, moved(finish)) };
        fc.pre(quiet.from !== quiet.to);
        const now = moved(off);
        let first = now;
        while (isQuiet(quiet, zone, first)) first = new Date(first.getTime() + 60_000);
        expect(quietUntil(quiet, zone, now)).toEqual(first > now ? first : null);
      }),
    );
  });
});

function wallClock(zone: string, instant: Date): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(instant);
}

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
