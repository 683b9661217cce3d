const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * When a business day ends: so many minutes after midnight UTC. With 0 a business day is a day of UTC; with 22:00 the day
 * of the 28th ends at 22:00 on the 28th, and what comes later is of the 29th.
 */
export type CutOff = number;

const shiftOf = (cutOff: CutOff): number => ((24 * 60 - cutOff) % (24 * 60)) * MINUTE;

/** Gives the business day of an instant, as `2026-11-28`. */
export function dayOf(instant: Date, cutOff: CutOff): string {
  return new Date(instant.getTime() + shiftOf(cutOff)).toISOString().slice(0, 10);
}

/** Gives the first instant that is not in a business day any more. */
export function endOf(day: string, cutOff: CutOff): Date {
  return new Date(Date.parse(`${day}T00:00:00Z`) + DAY - shiftOf(cutOff));
}

/** Gives the day so many days later. */
export function daysAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** By then whoever posted within a day has committed: no transaction is open so long. */
export const CLOSED_AFTER_MS = MINUTE;

/** What a merchant's next batch depends on. */
export interface Waiting {
  /** The instant of the first line that no batch has; null where there is none. */
  readonly firstLineAt: Date | null;
  /** Up to where the batch before went; null where there is none. */
  readonly closedUntil: Date | null;
  /** The first day on which something that was held back is due; null where nothing is held. */
  readonly releaseDay: string | null;
}

/** A batch that is to be closed: its day, and the first instant whose lines are not in it. */
export interface NextBatch {
  readonly day: string;
  readonly until: Date;
}

/**
 * Says which batch comes next; undefined where there is nothing to settle. A line of a day that is closed (its transaction
 * was slow) goes into the day after: a closed batch is never opened again.
 */
export function nextBatch({ firstLineAt, closedUntil, releaseDay }: Waiting, cutOff: CutOff): NextBatch | undefined {
  const floor = closedUntil ? dayOf(closedUntil, cutOff) : undefined;
  const days = [firstLineAt && dayOf(firstLineAt, cutOff), releaseDay]
    .filter((day) => day !== null)
    .map((day) => (floor && day < floor ? floor : day));
  const day = days.sort()[0];
  return day === undefined ? undefined : { day, until: endOf(day, cutOff) };
}

/** Says from when on a batch may be closed by itself. */
export const closableAt = ({ until }: NextBatch): Date => new Date(until.getTime() + CLOSED_AFTER_MS);
