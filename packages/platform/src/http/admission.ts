import { counter, gauge } from '../metrics';
import { createLoopDelay, type LoopDelay } from './loop-delay';

/** How much a service takes on at once; beyond it refuses in a moment, at the cost of a few microseconds. */
export interface AdmissionLimits {
  /** Requests that are worked on at the same time. */
  readonly inWorkMax: number;
  /** Requests that may wait for their turn. */
  readonly waitingMax: number;
  /** How long one may wait for it. */
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
  /** Ends a request that was let in: the next one that waits begins. */
  leave(): void;
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
        }, limits.waitMs),
      };
      waiting.add(waiter);
    });
  }

  const admission: Admission = {
    enter() {
      // Something must be in work: a service that is only slow to wake refuses nobody for good.
      if (inWork > 0 && loop.lateMs() > limits.loopDelayMaxMs) return refuse('event loop');
      if (inWork > 0 && options.pressure?.()) return refuse('pressure');
      if (inWork < limits.inWorkMax) {
        inWork += 1;
        return undefined;
      }
      return waiting.size < limits.waitingMax ? wait() : refuse('full');
    },
    leave() {
      const next = waiting.values().next().value;
      if (!next) {
        inWork -= 1;
        return;
      }
      waiting.delete(next);
      clearTimeout(next.timer);
      next.settle(undefined);
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
  gauge({ name: 'tael_requests_waiting', help: 'Requests that wait for their turn.', collect: (g) => g.set(waiting.size) });
  return admission;
}
