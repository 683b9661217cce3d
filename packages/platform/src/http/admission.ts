import { counter, gauge } from '../metrics';
import { createLoopDelay, type LoopDelay } from './loop-delay';
import { createWorkLimit } from './work-limit';

/** How much a service takes on at once; beyond it refuses in a moment, at the cost of a few microseconds. */
export interface AdmissionLimits {
  /** Requests that are worked on at the same time; fewer where they then take too long. */
  readonly inWorkMax: number;
  /** Requests that may wait for their turn. */
  readonly waitingMax: number;
  /** How long one may wait for it, less what the work takes as a rule; half of that is what the work should take. */
  readonly waitMs: number;
  /** While the event loop runs later than this, nothing new is begun. */
  readonly loopDelayMaxMs: number;
}

/** What a service bears unless its settings say otherwise. */
export const ADMISSION_DEFAULTS: AdmissionLimits = { inWorkMax: 128, waitingMax: 1_024, waitMs: 2_000, loopDelayMaxMs: 1_000 };

/** A sign of overload beside the number of requests, in words; undefined where there is none. */
export type Pressure = () => string | undefined;

/** Why a request was not taken on. */
export type AdmissionRefusal = 'full' | 'waited too long' | 'event loop' | 'pressure';

export interface Admission {
  /** Resolves with undefined once the request may begin, or with the reason why it may not: then nothing was done. */
  enter(): Promise<AdmissionRefusal | undefined> | AdmissionRefusal | undefined;
  /** Ends a request that was let in: the next one that waits begins. The milliseconds that its work took, where any was done. */
  leave(tookMs?: number): void;
  readonly inWork: number;
  readonly waiting: number;
  close(): void;
}

interface Waiter {
  readonly timer: NodeJS.Timeout;
  readonly settle: (refusal: AdmissionRefusal | undefined) => void;
}

const refused = counter({ name: 'tael_requests_refused_total', help: 'Requests refused because of overload.', labels: ['reason'] });

/** Bounds the work of a server. Those who wait are let in by order of arrival, each until its own deadline. */
export function createAdmission(
  limits: AdmissionLimits, options: { pressure?: Pressure; loopDelay?: LoopDelay } = {},
): Admission {
  const loop = options.loopDelay ?? createLoopDelay();
  const limit = createWorkLimit({ max: limits.inWorkMax, targetMs: limits.waitMs / 2 });
  const waiting = new Set<Waiter>();
  let inWork = 0;

  function refuse(reason: AdmissionRefusal): AdmissionRefusal {
    refused.inc({ reason });
    return reason;
  }

  function wait(): Promise<AdmissionRefusal | undefined> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        settle: resolve,
        timer: setTimeout(() => {
          waiting.delete(waiter);
          resolve(refuse('waited too long'));
        }, Math.max(0, limits.waitMs - limit.usualMs())),
      };
      waiting.add(waiter);
    });
  }

  function letIn(): boolean {
    const next = waiting.values().next().value;
    if (!next) return false;
    waiting.delete(next);
    clearTimeout(next.timer);
    inWork += 1;
    limit.began(inWork);
    next.settle(undefined);
    return true;
  }

  const admission: Admission = {
    enter() {
      // Something must be in work: a service that is only slow to wake refuses nobody for good.
      if (inWork > 0 && loop.lateMs() > limits.loopDelayMaxMs) return refuse('event loop');
      if (inWork > 0 && options.pressure?.()) return refuse('pressure');
      if (inWork < limit.current()) {
        inWork += 1;
        limit.began(inWork);
        return undefined;
      }
      return waiting.size < limits.waitingMax ? wait() : refuse('full');
    },
    leave(tookMs) {
      if (tookMs !== undefined) limit.ended(tookMs);
      inWork -= 1;
      // None where the limit went down meanwhile, and more than one where it went up.
      while (inWork < limit.current() && letIn());
    },
    get inWork() {
      return inWork;
    },
    get waiting() {
      return waiting.size;
    },
    close: () => loop.close(),
  };
  gauge({ name: 'tael_requests_in_work', help: 'Requests that are worked on now.', collect: (g) => g.set(inWork) });
  gauge({ name: 'tael_requests_in_work_max', help: 'Requests that may be worked on now.', collect: (g) => g.set(limit.current()) });
  gauge({ name: 'tael_requests_waiting', help: 'Requests that wait for their turn.', collect: (g) => g.set(waiting.size) });
  return admission;
}
