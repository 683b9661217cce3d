/** How often the limit is looked at, and how few it never goes below. */
const EVERY_MS = 100;
const LEAST = 16;
const SHRINK = 0.85;
const GROW = 1.05;

/** How much work at once a process still answers in time. */
export interface WorkLimit {
  /** So much may be in work now. */
  current(): number;
  /** How long a piece of work took in the last while, in milliseconds. */
  usualMs(): number;
  /** Is told before each change of what is in work; `ended` where a piece of work is done. */
  changes(inWork: number, ended: boolean): void;
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
  let changedAt = lookedAt;
  // The time that pieces of work spent in work, all together: by Little's law so long as each of those that ended.
  let spentMs = 0;
  let ended = 0;
  let wasFull = false;

  function look(at: number): void {
    if (at - lookedAt < EVERY_MS || ended === 0) return;
    usualMs = spentMs / ended;
    if (usualMs <= targetMs) limit = Math.min(max, Math.ceil(limit * GROW));
    else if (wasFull) limit = Math.max(Math.min(LEAST, max), Math.floor(limit * SHRINK));
    [lookedAt, spentMs, ended, wasFull] = [at, 0, 0, false];
  }

  return {
    current: () => limit,
    usualMs: () => usualMs,
    changes(inWork, hasEnded) {
      const at = now();
      spentMs += inWork * (at - changedAt);
      changedAt = at;
      wasFull ||= inWork >= limit;
      if (hasEnded) ended += 1;
      look(at);
    },
  };
}
