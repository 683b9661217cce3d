import { DateTime, IANAZone } from 'luxon';
import type { QuietHours } from '../preferences/preferences.domain';

// Wall-clock arithmetic by IANA zones. A zone that this process does not know counts as UTC: it was checked at sign-up.
const zoneOf = (timeZone: string): string => (IANAZone.isValidZone(timeZone) ? timeZone : 'UTC');

const minuteOfDay = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

const DAY_MS = 24 * 3_600_000;

/** Says whether the wall clock of the zone stands inside of the quiet hours: from `from` on, before `to`. */
export function isQuiet(hours: QuietHours, timeZone: string, at: Date): boolean {
  const local = DateTime.fromJSDate(at, { zone: zoneOf(timeZone) });
  const minute = local.hour * 60 + local.minute;
  const from = minuteOfDay(hours.from);
  const to = minuteOfDay(hours.to);
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/**
 * Gives the end of the quiet hours that `now` is in, or null where it is in none. Where the clocks skip the end, it is
 * the first minute after the gap; where they show it twice, the first time.
 */
export function quietUntil(hours: QuietHours | null, timeZone: string, now: Date): Date | null {
  if (!hours || !isQuiet(hours, timeZone, now)) return null;
  const today = DateTime.fromJSDate(now, { zone: zoneOf(timeZone) }).startOf('day');
  const [hour, minute] = [Number(hours.to.slice(0, 2)), Number(hours.to.slice(3, 5))];
  for (const days of [0, 1, 2]) {
    const end = today.plus({ days }).set({ hour, minute }).toJSDate();
    if (end > now && !isQuiet(hours, timeZone, end)) return end;
  }
  // Reached only where a zone skips the end twice in a row: better an hour late than in the night.
  let end = new Date(now.getTime() + 3_600_000);
  while (isQuiet(hours, timeZone, end)) end = new Date(end.getTime() + 3_600_000);
  return end;
}

/**
 * Gives when a message sent at `sentAt` no longer counts for the day: its local day is over and 24 hours have
 * passed.
 */
export function leavesTheDay(sentAt: Date, timeZone: string): Date {
  const nextDay = DateTime.fromJSDate(sentAt, { zone: zoneOf(timeZone) })
    .startOf('day')
    .plus({ days: 1 })
    .startOf('day');
  return new Date(Math.max(nextDay.toMillis(), sentAt.getTime() + DAY_MS));
}
