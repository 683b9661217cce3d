/**
 * A series of samples: what was measured at which second.
 * @typedef {{ seconds: number, value: number }[]} Series
 */

/** The first part of a run fills caches, pools and heaps; what counts is what comes after. */
const WARM_UP_SHARE = 0.4;
/** What moves is read at its low points. */
const WINDOWS = 8;

/**
 * Fits a line through points by least squares.
 * @param {Series} points
 * @returns {{ slope: number, start: number }}
 */
export function fit(points) {
  const n = points.length;
  const meanX = points.reduce((sum, { seconds }) => sum + seconds, 0) / n;
  const meanY = points.reduce((sum, { value }) => sum + value, 0) / n;
  const spread = points.reduce((sum, { seconds }) => sum + (seconds - meanX) ** 2, 0);
  const slope = spread === 0 ? 0 : points.reduce((sum, p) => sum + (p.seconds - meanX) * (p.value - meanY), 0) / spread;
  return { slope, start: meanY - slope * meanX };
}

/**
 * Gives the lowest point of each of some equal windows.
 * @param {Series} points
 * @returns {Series}
 */
export function lowPoints(points) {
  const size = Math.max(1, Math.ceil(points.length / WINDOWS));
  const windows = [];
  for (let from = 0; from < points.length; from += size) windows.push(points.slice(from, from + size));
  return windows.map((window) => window.reduce((low, point) => (point.value < low.value ? point : low)));
}

/**
 * How a thing may grow over the counted part of the run: by a share of what it was, or by an amount, the larger of both.
 * What breathes with the load, such as pools of connections and resident memory, may end as high as it
 * once was in the first part, and so much higher: a leak goes above that, breathing does not.
 * @typedef {{ share: number, amount: number, breathes?: boolean }} Allowance
 */

/**
 * Judges a series after its warm-up.
 * @param {Series} series
 * @param {Allowance} allowance
 * @returns {{ from: number, to: number, growth: number, perMinute: number, allowed: number, grows: boolean }}
 */
export function judge(series, allowance) {
  const last = series.at(-1)?.seconds ?? 0;
  const counted = series.filter(({ seconds }) => seconds >= last * WARM_UP_SHARE);
  if (counted.length < WINDOWS) throw new Error(`${counted.length} samples after the warm-up are too few to judge by`);
  const { slope, start } = fit(lowPoints(counted));
  const first = /** @type {{ seconds: number }} */ (counted[0]).seconds;
  const from = start + slope * first;
  const to = start + slope * last;
  const margin = Math.max(from * allowance.share, allowance.amount);
  const before = series.filter(({ seconds }) => seconds < last * (1 - WARM_UP_SHARE)).map(({ value }) => value);
  const allowed = allowance.breathes ? Math.max(...before, from) - from + margin : margin;
  return { from, to, growth: to - from, perMinute: slope * 60, allowed, grows: to - from > allowed };
}
