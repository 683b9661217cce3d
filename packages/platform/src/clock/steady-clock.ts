/** A time that does not follow where the clock of this machine jumps to. Milliseconds since the epoch. */
export interface SteadyClock {
  now(): number;
  /** Takes what the reference says the time is, read at the instant `at` of the monotonic clock. */
  told(reference: number, at: number): void;
  /** How far the clock of this process is ahead of the reference, as far as known; 0 before it was told. */
  aheadMs(): number;
}

/**
 * Makes a clock that believes its process as long as that agrees with a reference within `toleranceMs`. Where it does
 * not, time goes on from what the reference said last, by the monotonic clock, which never jumps.
 */
export function createSteadyClock(options: {
  readonly toleranceMs: number;
  readonly own?: () => number;
  readonly monotonic?: () => number;
}): SteadyClock {
  const { toleranceMs, own = () => Date.now(), monotonic = () => performance.now() } = options;
  let base: number | undefined;
  const aheadMs = (): number => (base === undefined ? 0 : own() - (base + monotonic()));
  return {
    aheadMs,
    now: () => (Math.abs(aheadMs()) <= toleranceMs ? own() : Math.round(base! + monotonic())),
    told(reference, at) {
      base = reference - at;
    },
  };
}
