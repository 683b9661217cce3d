import type { HealthCheck } from '../http';
import type { Logger } from '../log';

export { GatheredWrites } from './gathered-writes';

export interface WorkLoopOptions {
  readonly name: string;
  /** Does a bounded piece of work, and breaks off where it is `stopped`. Gives how much there was: 0 brings a rest. */
  readonly work: (stopped: () => boolean) => Promise<number>;
  /** How long to rest where there was nothing to do, in milliseconds. */
  readonly idleMs: number;
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

/** Starts a loop: at once again while there is work, else after a rest; after a fault with a growing pause. */
export function startWorkLoop({ name, work, idleMs, log }: WorkLoopOptions): WorkLoop {
  let stopped = false;
  let faults = 0;
  let wake: () => void = () => undefined;

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
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
      if (!stopped && done === 0)
        await rest(Math.min(idleMs * 2 ** Math.min(faults, 10), Math.max(PAUSE_MAX_MS, idleMs)));
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
      wake();
      await running;
    },
  };
}
