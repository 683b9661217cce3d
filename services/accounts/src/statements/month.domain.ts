/** A calendar month of UTC, as its statement covers it: from its first instant up to, not including, that of the next. */
export interface Month {
  /** `2026-11`. */
  readonly name: string;
  readonly from: Date;
  readonly to: Date;
}

const NAME = /^(\d{4})-(0[1-9]|1[0-2])$/;

/** Reads a month; undefined for anything else. Years before 1970 have no statements. */
export function monthOf(name: string): Month | undefined {
  const match = NAME.exec(name);
  if (!match || Number(match[1]) < 1970) return undefined;
  return month(Number(match[1]), Number(match[2]) - 1);
}

/** The month of an instant. */
export const monthAt = (instant: Date): Month => month(instant.getUTCFullYear(), instant.getUTCMonth());

/** The month before. */
export const monthBefore = ({ from }: Month): Month => month(from.getUTCFullYear(), from.getUTCMonth() - 1);

function month(year: number, index: number): Month {
  const from = new Date(Date.UTC(year, index, 1));
  return { name: from.toISOString().slice(0, 7), from, to: new Date(Date.UTC(year, index + 1, 1)) };
}

/** A page of months, newest first, from that of `now` back to that of `openedAt`; `after` is the name of the last one seen. */
export function monthsBack(openedAt: Date, now: Date, page: { limit: number; after?: string | undefined }): Month[] {
  const after = monthOf(page.after ?? '');
  const newest = monthAt(now);
  const months: Month[] = [];
  let next = after && after.from <= newest.from ? monthBefore(after) : newest;
  while (months.length < page.limit && next.to > openedAt) {
    months.push(next);
    next = monthBefore(next);
  }
  return months;
}
