/** So long its owner has to say that it is not they who ask. */
const REMOVAL_DAYS = 7;
/** So long where the password is younger than that: who has the mail alone sets one. */
const REMOVAL_DAYS_NEW_PASSWORD = 14;
const DAY_MS = 86_400_000;

/** Says when a second factor goes whose removal begins now. */
export function removalDay(now: Date, passwordSince: Date): Date {
  const isNew = now.getTime() - passwordSince.getTime() < REMOVAL_DAYS * DAY_MS;
  return new Date(now.getTime() + (isNew ? REMOVAL_DAYS_NEW_PASSWORD : REMOVAL_DAYS) * DAY_MS);
}
