/** How often the limit is looked at, and how few it never goes below. */
const EVERY_MS = 100;
const LEAST = 16;
/** The least share of the places that is kept at once, and the most that is added. */
const KEPT = 0.5;
const ADDED = 0.1;
/** After so long without any work, what it once took is no longer known. */
const REST_MS = 1_000;

/** How much work at once a process still answers in time. */
export interface WorkLimit {
  /** So much may be in work now. */
  current(): number;
  /** How long a piece of work took in the last while, in milliseconds. */
  usualMs(): number;
  /** Is told that a piece of work has begun; `inWork` counts it too. */
  began(inWork: number): void;
  /** Is told that a piece of work has ended that was done, and how many milliseconds it took. */
  ended(tookMs: number): void;
}

/**
 * Makes a limit that begins at `max`. More work at once than a machine can do makes each piece take longer, until whoever
 * asked has gone away and all of it was in vain. So where all places are taken and the work takes longer than
 * `targetMs`, there are fewer places; where it takes less, there are more again.
 */
export function createWorkLimit(options: { max: number; targetMs: number; now?: () => number }): WorkLimit {
  const { max, targetMs, now = () => performance.now() } = options;
  let limit = max;
  let usualMs = 0;
  let lookedAt = now();
  let endedAt = lookedAt;
  let shrunkAt = -Infinity;
  // Of the pieces that ended since, each with its own time: work that is done in batches ends in bursts, and what is in
  // work at such a moment says nothing of how long it will take.
  let spentMs = 0;
  let ended = 0;
  let wasFull = false;

  function look(at: number): void {
    usualMs = spentMs / ended;
    if (usualMs <= targetMs) limit = Math.min(max, Math.ceil(limit * (1 + ADDED * (1 - usualMs / targetMs))));
    // What began before the last time that there were fewer places tells nothing of these.
    else if (wasFull && at - shrunkAt >= usualMs) {
      limit = Math.max(Math.min(LEAST, max), Math.floor(limit * Math.max(KEPT, targetMs / usualMs)));
      shrunkAt = at;
    }
    [lookedAt, spentMs, ended, wasFull] = [at, 0, 0, false];
  }

  function forget(): void {
    [limit, usualMs, shrunkAt] = [max, 0, -Infinity];
    [lookedAt, spentMs, ended, wasFull] = [now(), 0, 0, false];
  }

  return {
    current: () => limit,
    usualMs: () => usualMs,
    began(inWork) {
      if (inWork === 1 && now() - endedAt > REST_MS) forget();
      wasFull ||= inWork >= limit;
    },
    ended(tookMs) {
      spentMs += tookMs;
      ended += 1;
      const at = now();
      endedAt = at;
      if (at - lookedAt >= EVERY_MS) look(at);
    },
  };
}
