const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Says whether a text is a day of the calendar from 1900 on, such as 2026-11-28. */
export function isDay(text: string): boolean {
  const match = DAY.exec(text);
  if (!match) return false;
  const [, year, month, day] = match.map(Number) as [number, number, number, number];
  // A day that the month does not have is one of another month.
  return year >= 1900 && new Date(Date.UTC(year, month - 1, day)).getUTCMonth() === month - 1;
}

const REFERENCE = /^[\x21-\x7e]{1,64}$/;

/** Says whether a text can be what somebody calls an upload: 1 to 64 printable ASCII characters. */
export const isReference = (text: string): boolean => REFERENCE.test(text);
