import type { Logger } from '../log';

/** Stops the parts of a process in reverse of the order in which they were added; SIGTERM and SIGINT start it. */
export interface Shutdown {
  /** Adds a part; `stop` is called once. */
  add(name: string, stop: () => Promise<unknown> | unknown): void;
  /** Stops all parts, each bounded in time; never throws. */
  stop(): Promise<void>;
}

/**
 * Makes the {@link Shutdown} of a process. A second signal, or `timeoutMs` without an end, exits at once with status 1.
 * @param options.timeoutMs - bound over all parts, 30 s unless told
 */
export function createShutdown(options: { log: Logger; timeoutMs?: number; signals?: boolean }): Shutdown {
  const { log, timeoutMs = 30_000 } = options;
  const parts: { name: string; stop: () => Promise<unknown> | unknown }[] = [];
  let stopping: Promise<void> | undefined;

  async function stopAll(): Promise<void> {
    for (const part of parts.reverse()) {
      try {
        await part.stop();
      } catch (error) {
        log.error({ error, part: part.name }, 'a part did not stop cleanly');
      }
    }
  }

  const shutdown: Shutdown = {
    add: (name, stop) => void parts.push({ name, stop }),
    stop: () => (stopping ??= stopAll()),
  };

  if (options.signals !== false) {
    const onSignal = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(1);
      log.info({ signal }, 'stopping');
      setTimeout(() => process.exit(1), timeoutMs).unref();
      void shutdown.stop().then(() => process.exit(0));
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  }
  return shutdown;
}
