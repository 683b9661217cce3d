/** A part that can say whether it works: the cause is for operators, on /ready. */
export type HealthCheck = () => Promise<PartHealth> | PartHealth;

export interface PartHealth {
  readonly ready: boolean;
  readonly cause?: string;
  /** False where requests are answered without this part too: then it does not count for the whole. */
  readonly required?: boolean;
}

export interface Readiness {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, PartHealth>>;
}

// A part that hangs must not keep /ready from answering: the other causes are wanted just then.
const CHECK_MS = 3_000;

async function ask(check: HealthCheck): Promise<PartHealth> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<PartHealth>((resolve) => {
    timer = setTimeout(() => resolve({ ready: false, cause: `no answer within ${CHECK_MS} ms` }), CHECK_MS);
  });
  try {
    return await Promise.race([Promise.resolve().then(check), late]);
  } catch (error) {
    return { ready: false, cause: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}

const START_MS = 15_000;

/**
 * Makes the check of a part that works beside the requests: a consumer, a relay, the bus. It counts while the process
 * starts, so that whoever waits for that finds all of it; later a fault is told of, but requests go on being sent here.
 */
export function beside(check: HealthCheck, now: () => number = () => performance.now()): HealthCheck {
  const until = now() + START_MS;
  let begun = false;
  return async () => {
    const health = await ask(check);
    begun ||= health.ready || now() > until;
    return begun && !health.ready ? { ...health, required: false } : health;
  };
}

/** Asks every part. Whoever asks while the parts are being asked gets the same answer: probes cost once. */
export function createReadiness(checks: Readonly<Record<string, HealthCheck>>): () => Promise<Readiness> {
  let running: Promise<Readiness> | undefined;
  const askAll = async (): Promise<Readiness> => {
    // Read anew each time: parts of a service are added while it starts.
    const parts = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await ask(check)] as const),
    );
    return { ready: parts.every(([, part]) => part.ready || part.required === false), parts: Object.fromEntries(parts) };
  };
  return () => (running ??= askAll().finally(() => (running = undefined)));
}
