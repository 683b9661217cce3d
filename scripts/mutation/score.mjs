/** What tells that a mutant was noticed, and what tells that it was not. A mutant that cannot run at all counts nowhere. */
const NOTICED = new Set(['Killed', 'Timeout']);
const MISSED = new Set(['Survived', 'NoCoverage']);

/**
 * The score of a mutation report (mutation-testing-report-schema), whole and by file.
 * @param {{ files: Record<string, { mutants: { status: string }[] }> }} report
 */
export function scoreOf(report) {
  const files = Object.entries(report.files).map(([file, { mutants }]) => ({ file, ...count(mutants) }));
  const all = count(Object.values(report.files).flatMap(({ mutants }) => mutants));
  return { ...all, files };
}

/** @param {{ status: string }[]} mutants */
function count(mutants) {
  const killed = mutants.filter(({ status }) => NOTICED.has(status)).length;
  const missed = mutants.filter(({ status }) => MISSED.has(status)).length;
  const total = killed + missed;
  return { score: total === 0 ? 100 : Math.round((killed / total) * 10_000) / 100, killed, mutants: total };
}
