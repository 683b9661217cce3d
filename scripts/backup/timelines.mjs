/**
 * After each restore a server goes on along a new timeline. Which base backups lie on the way to a timeline, its history says:
 * a line for each one before, with where it was left.
 */

/** @param {string} lsn as Postgres writes it: two halves in hexadecimal */
export function positionOf(lsn) {
  const [high = '0', low = '0'] = lsn.split('/');
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/**
 * @param {string} history text of a .history file
 * @returns {Map<number, bigint>} where each earlier timeline was left
 */
export function branchesOf(history) {
  const lines = history.split('\n').map((line) => line.trim().split(/\s+/)).filter(([timeline, lsn]) => /^\d+$/.test(timeline ?? '') && lsn?.includes('/'));
  return new Map(lines.map(([timeline, lsn]) => [Number(timeline), positionOf(/** @type {string} */ (lsn))]));
}

/**
 * The timelines of which an archive has the history; the first has none.
 * @param {readonly string[]} names of the files of the archive
 */
export function newestTimeline(names) {
  const found = names.flatMap((name) => (/^[0-9A-F]{8}\.history$/.test(name) ? [Number.parseInt(name.slice(0, 8), 16)] : []));
  return Math.max(1, ...found);
}

/**
 * The youngest base that can be brought to a moment of a timeline.
 * @template {{ endedAt: string, timeline: number, stopLsn: string }} Base
 * @param {readonly Base[]} bases oldest first
 * @param {{ until: Date | undefined, timeline: number, branches: Map<number, bigint> }} goal
 * @returns {Base | undefined}
 */
export function baseFor(bases, { until, timeline, branches }) {
  return bases.findLast((base) => {
    if (until && new Date(base.endedAt) > until) return false;
    if (base.timeline === timeline) return true;
    const left = branches.get(base.timeline);
    return left !== undefined && positionOf(base.stopLsn) <= left;
  });
}
