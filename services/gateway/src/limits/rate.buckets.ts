import { drawn, lacking, missingFrom, type Rate, turned, waitFor } from './rate.domain';

/** Buckets that are kept: some ten megabytes. */
export const BUCKETS_MAX = 50_000;

/** Token buckets by key, in the memory of this process, bounded in number. */
export interface RateBuckets {
  /** Gives the milliseconds until a key's bucket holds `units`; `of` is the rate of a key that has one of its own. */
  wait(key: string, units: number, of?: Rate): number;
  /** Takes units out, whether they are there or not; gives how many were. */
  draw(key: string, units: number, of?: Rate, owed?: boolean): number;
  /** Takes out of a key's bucket what is not missing from it yet of so many units, into debt where it holds less. */
  lack(key: string, units: number, of?: Rate): void;
  /** Goes on with a key's bucket at another rate: what was drawn at a slow one must not keep a fast one waiting. */
  turn(key: string, from: Rate, to: Rate): void;
  /** How many buckets are not full. */
  size(): number;
}

/**
 * Makes buckets of one rate. Buckets that are full again are forgotten; past `max` the one that was used longest ago
 * is, which is the fullest but for what others drew.
 */
export function createRateBuckets(rate: Rate, options: { now?: () => number; max?: number } = {}): RateBuckets {
  const { now = () => performance.now(), max = BUCKETS_MAX } = options;
  // In the order of their last use.
  const fullAt = new Map<string, number>();

  function forgetOldest(time: number): void {
    for (const [key, at] of fullAt) {
      if (at > time && fullAt.size <= max) return;
      fullAt.delete(key);
    }
  }

  function set(key: string, at: number, time: number): void {
    fullAt.delete(key);
    fullAt.set(key, at);
    forgetOldest(time);
  }

  return {
    wait: (key, units, of = rate) => waitFor(of, fullAt.get(key), { units, now: now() }),
    draw(key, units, of = rate, owed) {
      const time = now();
      const before = fullAt.get(key);
      const next = drawn(of, before, { units, now: time, owed });
      set(key, next, time);
      return missingFrom(of, next, time) - missingFrom(of, before, time);
    },
    lack(key, units, of = rate) {
      const time = now();
      set(key, lacking(of, fullAt.get(key), { units, now: time }), time);
    },
    turn(key, from, to) {
      const full = fullAt.get(key);
      if (full !== undefined) fullAt.set(key, turned(from, to, { fullAt: full, now: now() }));
    },
    size: () => fullAt.size,
  };
}
