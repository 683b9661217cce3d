/** How late the event loop runs. */
export interface LoopDelay {
  /** The delay of the last two looks in milliseconds, the smaller one: a single pause, such as a wake-up, does not count. */
  lateMs(): number;
  close(): void;
}

const EVERY_MS = 100;

/** Watches the event loop by a timer that should fire ten times a second. */
export function createLoopDelay(now: () => number = () => performance.now()): LoopDelay {
  let before = 0;
  let last = 0;
  let expected = now() + EVERY_MS;
  const timer = setInterval(() => {
    const at = now();
    before = last;
    last = Math.max(0, at - expected);
    expected = at + EVERY_MS;
  }, EVERY_MS);
  timer.unref();
  return { lateMs: () => Math.min(before, last), close: () => clearInterval(timer) };
}
