const POLL_MS = 25;

/**
 * Tries `probe` every 25 ms until it does not throw, and gives what it gave. After `timeoutMs` (10 s unless told) it
 * throws the probe's last error, so that a failed expectation reads as if it stood in the test itself.
 */
export async function eventually<T>(
  probe: () => Promise<T> | T,
  options: { timeoutMs?: number; describe?: string } = {},
): Promise<T> {
  const { timeoutMs = 10_000, describe = 'the probe' } = options;
  const end = performance.now() + timeoutMs;
  let last: unknown = new Error('it never answered');
  for (;;) {
    const remaining = end - performance.now();
    if (remaining <= 0) break;
    try {
      return await answerWithin(probe, remaining);
    } catch (error) {
      if (error !== LATE) last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw explained(last, `${describe} did not hold within ${timeoutMs} ms`);
}

const LATE = Symbol('late');

async function answerWithin<T>(probe: () => Promise<T> | T, milliseconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(LATE), milliseconds);
  });
  try {
    return await Promise.race([(async () => probe())(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function explained(error: unknown, text: string): unknown {
  if (!(error instanceof Error)) return new Error(`${text}: ${String(error)}`);
  error.message = `${text}: ${error.message}`;
  return error;
}
