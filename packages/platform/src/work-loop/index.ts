import type { HealthCheck } from '../http';
import type { Logger } from '../log';

export { GatheredWrites } from './gathered-writes';

export interface WorkLoopOptions {
  readonly name: string;
  /** Does a bounded piece of work, and breaks off where it is `stopped`. Gives how much there was: 0 brings a rest. */
  readonly work: (stopped: () => boolean) => Promise<number>;
  /** How long to rest where there was nothing to do, in milliseconds. */
  readonly idleMs: number;
  /**
   * Where there is nothing for long, rests grow up to `maxMs`; what `woken` tells makes them short again. For work that this
   * process hears of: what it does not hear of (another instance's that has died, or whose time has come) waits so long at most.
   */
  readonly quiet?: { readonly maxMs: number; readonly woken: (wake: () => void) => () => void };
  readonly log: Logger;
}

/** Work that is done again and again in the background, in every instance of the service. */
export interface WorkLoop {
  readonly health: HealthCheck;
  /** Lets the running piece end, and starts no other. */
  stop(): Promise<void>;
}

const FAULTS_UNTIL_UNREADY = 5;
const PAUSE_MAX_MS = 10_000;
/** Looks that find nothing before rests begin to grow. */
const LOOKS_UNTIL_QUIET = 10;

/** Starts a loop: at once again while there is work, else after a rest; after a fault with a growing pause. */
export function startWorkLoop({ name, work, idleMs, quiet, log }: WorkLoopOptions): WorkLoop {
  let stopped = false;
  let faults = 0;
  let emptyLooks = 0;
  let restUntil: (end: number) => void = () => undefined;

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      let until = performance.now() + ms;
      let timer = setTimeout(resolve, ms);
      restUntil = (end) => {
        if (end >= until) return;
        until = end;
        clearTimeout(timer);
        timer = setTimeout(resolve, Math.max(0, end - performance.now()));
      };
    });

  function restMs(): number {
    if (faults > 0) return Math.min(idleMs * 2 ** Math.min(faults, 10), Math.max(PAUSE_MAX_MS, idleMs));
    const beyond = Math.min(Math.max(0, emptyLooks - LOOKS_UNTIL_QUIET), 10);
    return quiet ? Math.min(idleMs * 2 ** beyond, Math.max(quiet.maxMs, idleMs)) : idleMs;
  }

  // The next look is as far off as it would be where work never ceased: others that come meanwhile go along.
  const unsubscribe = quiet?.woken(() => {
    emptyLooks = 0;
    if (faults === 0) restUntil(performance.now() + idleMs);
  });

  async function once(): Promise<number> {
    try {
      const done = await work(() => stopped);
      faults = 0;
      return done;
    } catch (error) {
      faults += 1;
      log.warn({ error, loop: name, faults }, 'a piece of background work failed');
      return 0;
    }
  }

  async function run(): Promise<void> {
    while (!stopped) {
      const done = await once();
      emptyLooks = done === 0 ? emptyLooks + 1 : 0;
      if (!stopped && done === 0) await rest(restMs());
    }
  }

  const running = run();
  return {
    health: () =>
      faults < FAULTS_UNTIL_UNREADY
        ? { ready: true }
        : { ready: false, cause: `${name} failed ${faults} times in a row` },
    async stop() {
      stopped = true;
      unsubscribe?.();
      restUntil(0);
      await running;
    },
  };
}
