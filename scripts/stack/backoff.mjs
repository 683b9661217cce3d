/** A part that served this long has recovered: its earlier deaths no longer count. */
export const RECOVERED_MS = 30_000;

/** So many deaths in a row end everything. */
export const DEATHS_MAX = 5;

const DELAY_MIN_MS = 250;
const DELAY_MAX_MS = 8_000;

/**
 * Says what follows the death of a part.
 * @param {number} deathsBefore how often in a row it had died before this time
 * @param {number} readyForMs how long it had been ready since its last start; 0 where it never was
 * @param {number} [recoveredMs]
 * @returns {{ deaths: number, giveUp: boolean, delayMs: number }}
 */
export function afterDeath(deathsBefore, readyForMs, recoveredMs = RECOVERED_MS) {
  const deaths = readyForMs >= recoveredMs ? 1 : deathsBefore + 1;
  const delayMs = Math.min(DELAY_MIN_MS * 2 ** (deaths - 1), DELAY_MAX_MS);
  return { deaths, giveUp: deaths >= DEATHS_MAX, delayMs };
}
