import { DateTime, FixedOffsetZone, IANAZone, type Zone } from 'luxon';
import type { QuietHours } from '../preferences/preferences.domain';

// Wall-clock arithmetic by IANA zones. A zone that this process does not know counts as UTC: it was checked at sign-up.
function zoneOf(timeZone: string): Zone {
  const zone = IANAZone.create(timeZone);
  return zone.isValid ? zone : FixedOffsetZone.utcInstance;
}

const minuteOfDay = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const DAY_MS = DAY_MINUTES * MINUTE_MS;

/** What the wall clock is ahead of UTC. */
const offsetMinutes = (timeZone: string, at: Date): number => zoneOf(timeZone).offset(at.getTime());

function minuteOnTheWall(timeZone: string, at: Date): number {
  const minute = Math.floor(at.getTime() / MINUTE_MS) + offsetMinutes(timeZone, at);
  return minute % DAY_MINUTES;
}

/** Says whether the wall clock of the zone stands inside of the quiet hours: from `from` on, before `to`. */
export function isQuiet(hours: QuietHours, timeZone: string, at: Date): boolean {
  const minute = minuteOnTheWall(timeZone, at);
  const from = minuteOfDay(hours.from);
  const to = minuteOfDay(hours.to);
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}

/**
 * Gives the end of the quiet hours that `now` is in, or null where it is in none: the first minute whose wall clock is not
 * quiet. Where the clocks skip the end, that is the end of the gap; where they show it twice, it is the first time, and
 * what they repeat of the quiet hours is quiet again.
 */
export function quietUntil(hours: QuietHours | null, timeZone: string, now: Date): Date | null {
  if (!hours) return null;
  let at = now;
  while (isQuiet(hours, timeZone, at)) {
    const left = minuteOfDay(hours.to) - minuteOnTheWall(timeZone, at);
    const minute = Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS;
    const end = new Date(minute + (left > 0 ? left : left + DAY_MINUTES) * MINUTE_MS);
    at = firstChange(timeZone, at, end) ?? end;
  }
  return at === now ? null : at;
}

/** Gives the minute in which the zone's clocks change, of those after `from` up to `to`; undefined where they do not. */
function firstChange(timeZone: string, from: Date, to: Date): Date | undefined {
  const before = offsetMinutes(timeZone, from);
  if (offsetMinutes(timeZone, to) === before) return undefined;
  let [same, changed] = [Math.floor(from.getTime() / MINUTE_MS), to.getTime() / MINUTE_MS];
  while (changed - same > 1) {
    const middle = Math.floor((same + changed) / 2);
    if (offsetMinutes(timeZone, new Date(middle * MINUTE_MS)) === before) same = middle;
    else changed = middle;
  }
  return new Date(changed * MINUTE_MS);
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
