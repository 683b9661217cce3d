/** What is said of a run that found nothing. */
export const SOUND = 'nothing lost, nothing doubled';

/** The exit statuses of the long run. 2 is of a run that could not be made. */
const STATUS = /** @type {const} */ ({ done: 0, broken: 1, short: 3 });

/**
 * What came of a run, for who reads it and for who only sees the exit status. Fewer kills than were asked for prove less,
 * whatever was found: that is not said to be the proof.
 * @param {{ kills: number, asked: number, minutes: number, acknowledged: number, breaches: readonly string[] }} run
 * @returns {{ verdict: string, text: string, status: number }}
 */
export function outcomeOf({ kills, asked, minutes, acknowledged, breaches }) {
  const what = `${kills} kills in ${minutes} minutes, ${acknowledged} operations acknowledged`;
  if (breaches.length > 0) return { verdict: 'broken', text: `${what}: broken.`, status: STATUS.broken };
  if (kills >= asked) return { verdict: SOUND, text: `${what}: ${SOUND}.`, status: STATUS.done };
  return {
    verdict: `cut short: ${SOUND} so far`,
    text: `${what}: ${SOUND} so far, but the time was up before the ${asked} kills that were asked for (--minutes gives it more).`,
    status: STATUS.short,
  };
}
