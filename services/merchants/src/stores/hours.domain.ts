export const WEEKDAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** From when to when, as HH:MM of the store's clock. What closes at or before it opens, closes on the next day. */
export interface OpeningTimes {
  readonly opens: string;
  readonly closes: string;
}

export interface WeeklyTimes extends OpeningTimes {
  readonly weekday: Weekday;
}

/** What holds on one date in place of its weekday; nothing where the store stays closed. */
export interface DateTimes {
  readonly date: string;
  readonly times: readonly OpeningTimes[];
}

export interface OpeningHours {
  readonly weekly: readonly WeeklyTimes[];
  readonly exceptions: readonly DateTimes[];
}

export const WEEKLY_MAX = 28;
export const EXCEPTIONS_MAX = 100;
const TIMES_MAX = 4;
const DAY_MINUTES = 1440;
const DAY_MS = 86_400_000;

const TIME = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;

/** Gives the minutes of a time of day since midnight; undefined where it is none. 24:00 is the end of the day. */
export function minutesOf(time: string): number | undefined {
  const match = TIME.exec(time);
  if (!match) return undefined;
  return match[1] === undefined ? DAY_MINUTES : Number(match[1]) * 60 + Number(match[2]);
}

/** Gives the day number of a date (days since 1970); undefined where there is no such date. */
export function dayOf(date: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return undefined;
  const at = new Date(`${date}T00:00:00Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== date ? undefined : at.getTime() / DAY_MS;
}

// The first of January 1970 was a Thursday.
const weekdayOf = (day: number): Weekday => WEEKDAYS[(((day + 3) % 7) + 7) % 7]!;

export type HoursFault = { readonly reason: 'TIME_OF_DAY' | 'HOURS_EMPTY' | 'DATE' | 'TWICE' | 'TOO_MANY'; readonly field: readonly string[] };

function timesFault({ opens, closes }: OpeningTimes, field: readonly string[]): HoursFault[] {
  const [from, to] = [minutesOf(opens), minutesOf(closes)];
  if (from === undefined || from === DAY_MINUTES) return [{ reason: 'TIME_OF_DAY', field: [...field, 'opens'] }];
  if (to === undefined) return [{ reason: 'TIME_OF_DAY', field: [...field, 'closes'] }];
  return from === to ? [{ reason: 'HOURS_EMPTY', field: [...field, 'closes'] }] : [];
}

/** Gives all that is at fault with opening hours, by the fields of the input. */
export function hoursFaults({ weekly, exceptions }: OpeningHours): HoursFault[] {
  if (weekly.length > WEEKLY_MAX) return [{ reason: 'TOO_MANY', field: ['openingHours'] }];
  if (exceptions.length > EXCEPTIONS_MAX) return [{ reason: 'TOO_MANY', field: ['openingExceptions'] }];
  const dates = exceptions.map(({ date }) => date);
  return [
    ...weekly.flatMap((times, index) => timesFault(times, ['openingHours', String(index)])),
    ...exceptions.flatMap(({ date, times }, index): HoursFault[] => {
      const field = ['openingExceptions', String(index)];
      if (dayOf(date) === undefined) return [{ reason: 'DATE', field: [...field, 'date'] }];
      if (dates.indexOf(date) !== index) return [{ reason: 'TWICE', field: [...field, 'date'] }];
      if (times.length > TIMES_MAX) return [{ reason: 'TOO_MANY', field: [...field, 'times'] }];
      return times.flatMap((one, at) => timesFault(one, [...field, 'times', String(at)]));
    }),
  ];
}

/** What a clock on the wall shows: the day as a number, and the minutes since midnight. */
export interface LocalTime {
  readonly day: number;
  readonly minute: number;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(timeZone: string): Intl.DateTimeFormat {
  const known = clocks.get(timeZone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
  });
  clocks.set(timeZone, clock);
  return clock;
}

/** Says what the clocks of a time zone show at an instant. From the instant, so that an hour that comes twice is no question. */
export function localTimeOf(at: Date, timeZone: string): LocalTime {
  const parts = new Map(clockOf(timeZone).formatToParts(at).map(({ type, value }) => [type, value]));
  const day = dayOf(`${parts.get('year')!.padStart(4, '0')}-${parts.get('month')}-${parts.get('day')}`)!;
  return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
}

function timesOn({ weekly, exceptions }: OpeningHours, day: number): readonly OpeningTimes[] {
  const exception = exceptions.find(({ date }) => dayOf(date) === day);
  return exception ? exception.times : weekly.filter(({ weekday }) => weekday === weekdayOf(day));
}

/** Says whether a store is open at a local time: by the hours of that day, or by those of the day before that reach past midnight. */
export function isOpen(hours: OpeningHours, { day, minute }: LocalTime): boolean {
  const within = ({ opens, closes }: OpeningTimes): boolean => {
    const [from, to] = [minutesOf(opens)!, minutesOf(closes)!];
    return minute >= from && (to <= from || minute < to);
  };
  const stillFromBefore = ({ opens, closes }: OpeningTimes): boolean => minutesOf(closes)! <= minutesOf(opens)! && minute < minutesOf(closes)!;
  return timesOn(hours, day).some(within) || timesOn(hours, day - 1).some(stillFromBefore);
}

/** Gives an IANA time zone in its usual spelling; undefined where it is none. An offset such as +02:00 is none. */
export function timeZoneOf(name: string): string | undefined {
  if (name.length > 64 || !/^[A-Za-z]/.test(name)) return undefined;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    // It may answer with another name of the zone; then the one that was given is the better one.
    return timeZone.toLowerCase() === name.toLowerCase() ? timeZone : name;
  } catch {
    return undefined;
  }
}
