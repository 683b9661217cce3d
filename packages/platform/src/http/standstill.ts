/** How long this process has stood still lately: it was stopped, had no processor, or one thing took all its time. */
export interface Standstill {
  /** Milliseconds within the last `withinMs`. */
  lately(withinMs: number): number;
}

/** How often it is looked; only what is longer counts. */
const LOOK_MS = 500;
const KEPT_MAX = 100;

/** Watches by a timer that does not keep the process alive. */
export function watchStandstill(now: () => number = () => performance.now()): Standstill {
  let last = now();
  const stood: { readonly until: number; readonly ms: number }[] = [];

  function look(): void {
    const at = now();
    const ms = at - last - LOOK_MS;
    if (ms > LOOK_MS) stood.push({ until: at, ms });
    if (stood.length > KEPT_MAX) stood.shift();
    last = at;
  }

  setInterval(look, LOOK_MS).unref();
  return {
    lately(withinMs) {
      // Timers of one moment run in any order: what asks may be there before the look.
      look();
      const since = now() - withinMs;
      return stood.reduce((sum, { until, ms }) => (until >= since ? sum + ms : sum), 0);
    },
  };
}
