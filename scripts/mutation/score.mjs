/** What tells that a mutant was noticed, and what tells that it was not. A mutant that cannot run at all counts nowhere. */
const NOTICED = new Set(['Killed', 'Timeout']);
const MISSED = new Set(['Survived', 'NoCoverage']);

/** @typedef {{ score: number, killed: number, timeouts: number, mutants: number }} Score of the killed, some by a timeout */

/**
 * The score of a mutation report (mutation-testing-report-schema).
 * @param {{ files: Record<string, { mutants: { status: string }[] }> }} report
 * @returns {Score}
 */
export function scoreOf(report) {
  const statuses = Object.values(report.files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const killed = statuses.filter((status) => NOTICED.has(status)).length;
  const missed = statuses.filter((status) => MISSED.has(status)).length;
  return withScore(killed, statuses.filter((status) => status === 'Timeout').length, killed + missed);
}

/** The score of several together. @param {Score[]} scores @returns {Score} */
export function sumOf(scores) {
  const sum = (/** @type {'killed' | 'timeouts' | 'mutants'} */ name) => scores.reduce((all, score) => all + score[name], 0);
  return withScore(sum('killed'), sum('timeouts'), sum('mutants'));
}

/** @param {number} killed @param {number} timeouts @param {number} mutants @returns {Score} */
function withScore(killed, timeouts, mutants) {
  // Cut off, not rounded: 89.999 is not 90.
  return { score: mutants === 0 ? 100 : Math.floor((killed / mutants) * 10_000) / 100, killed, timeouts, mutants };
}
