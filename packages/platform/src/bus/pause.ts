/** Waits; `wake` ends the present wait, or the next one where nobody waits. */
export interface Pause {
  wait(milliseconds: number): Promise<void>;
  wake(): void;
}

export function createPause(): Pause {
  let woken = false;
  let end: (() => void) | undefined;
  return {
    async wait(milliseconds) {
      if (!woken) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          end = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      end = undefined;
      woken = false;
    },
    wake() {
      woken = true;
      end?.();
    },
  };
}

/** Gives the wait before try number `attempt` (from 1) is repeated: doubling from `firstMs` to `mostMs`, with full jitter above half. */
export function backoffMs(attempt: number, bounds: { firstMs: number; mostMs: number }, random: () => number = Math.random): number {
  const full = Math.min(bounds.mostMs, bounds.firstMs * 2 ** Math.min(attempt - 1, 30));
  return full * (0.5 + random() / 2);
}
