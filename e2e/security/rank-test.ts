/** What a series of pairs says: by how much the first of a pair is larger, and how sure that is. */
export interface Shift {
  /** The median of the differences, in the unit of the samples. */
  readonly median: number;
  /** Standard deviations of Wilcoxon's signed-rank statistic from what chance alone would give. */
  readonly z: number;
}

/**
 * Compares pairs by the ranks of their differences (Wilcoxon). A slow try counts as one try, however slow it was, and what is slow for
 * both of a pair counts nothing.
 */
export function shiftOf(pairs: readonly (readonly [number, number])[]): Shift {
  const differences = pairs.map(([a, b]) => a - b).filter((difference) => difference !== 0).sort((a, b) => Math.abs(a) - Math.abs(b));
  const n = differences.length;
  if (n === 0) return { median: 0, z: 0 };
  const positive = differences.reduce((sum, difference, index) => sum + (difference > 0 ? index + 1 : 0), 0);
  const spread = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24);
  const sorted = [...differences].sort((a, b) => a - b);
  return { median: sorted[n >> 1]!, z: (positive - (n * (n + 1)) / 4) / spread };
}

/** Surer than one in ten million: over all comparisons of a run, chance does not get there. */
const SURE = 5.3;
/** Less than this is no more than the work of a machine; a look-up that is left out or made twice would show as more. */
const LEAST_MS = 3;

export const isShifted = ({ median, z }: Shift): boolean => Math.abs(z) > SURE && Math.abs(median) > LEAST_MS;

/**
 * Says whether one thing takes longer than another, by pairs in chance order. Where there is a doubt it asks for more pairs; and only what
 * is seen three times on end, the same way round, is taken for true: a machine that somebody else uses has bad moments.
 */
export async function differsInTime(first: () => Promise<number>, second: () => Promise<number>): Promise<Shift | null> {
  let seen: Shift | null = null;
  for (let round = 0; round < 3; round += 1) {
    const shift = await measure(first, second);
    if (!isShifted(shift) || (seen && Math.sign(seen.median) !== Math.sign(shift.median))) return null;
    seen = shift;
  }
  return seen;
}

const PAIRS = [50, 100, 200, 400];

async function measure(first: () => Promise<number>, second: () => Promise<number>): Promise<Shift> {
  const pairs: [number, number][] = [];
  let shift: Shift = { median: 0, z: 0 };
  for (const wanted of PAIRS) {
    while (pairs.length < wanted) pairs.push(await pairOf(first, second));
    shift = shiftOf(pairs);
    // Sure of a difference, or as far from one as half of what it takes: more pairs would say no more.
    if (isShifted(shift) || Math.abs(shift.median) < LEAST_MS / 2) return shift;
  }
  return shift;
}

async function pairOf(first: () => Promise<number>, second: () => Promise<number>): Promise<[number, number]> {
  if (Math.random() < 0.5) return [await first(), await second()];
  const b = await second();
  return [await first(), b];
}
