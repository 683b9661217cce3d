/**
 * What one part of the stack showed in one phase of a flood: its most resident memory while it lasted, and what lived after it.
 * @typedef {{ rssMiB: number, liveMiB: number }} Phase
 */

/** The first phases fill caches, pools and heaps; the rest is halved. */
const WARM_UP_SHARE = 0.25;
/** The least that can be halved after its warm-up, with more than one phase a half. */
export const PHASES_MIN = 6;

/** What late phases may have more than early ones: a share or an amount, the larger of both. */
const LIVE = { share: 0.05, amount: 4 };
const RESIDENT = { share: 0.15, amount: 40 };

const round = (/** @type {number} */ value) => Math.round(value * 10) / 10;

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/**
 * Compares the late phases of a flood with the early ones: what lives by its median, what is resident by its most.
 * @param {readonly Phase[]} phases
 * @param {number} mostMiB more than that must not be resident in any phase
 */
export function compare(phases, mostMiB) {
  if (phases.length < PHASES_MIN)
    throw new Error(`${phases.length} phases are too few to compare: ${PHASES_MIN} at least`);
  const counted = phases.slice(Math.floor(phases.length * WARM_UP_SHARE));
  const half = Math.floor(counted.length / 2);
  const [early, late] = [counted.slice(0, half), counted.slice(-half)];
  const live = [early, late].map((some) => median(some.map(({ liveMiB }) => liveMiB)));
  const rss = [early, late].map((some) => Math.max(...some.map(({ rssMiB }) => rssMiB)));
  const grew = (/** @type {number[]} */ [from = 0, to = 0], /** @type {typeof LIVE} */ { share, amount }) =>
    to - from > Math.max(from * share, amount);
  const most = Math.max(...phases.map(({ rssMiB }) => rssMiB));
  return {
    liveMiB: live.map(round),
    rssMiB: rss.map(round),
    most: round(most),
    grows: grew(live, LIVE) || grew(rss, RESIDENT) || most > mostMiB,
  };
}
