/** What of kafkajs's queue of requests concerns its timer. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  /** Until when the broker asked not to be asked, in milliseconds since 1970; -1 where it never did. */
  readonly throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

const { prototype } = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
const schedule = prototype.scheduleCheckPendingRequests;

/** Says whether a look at the queue is worth a timer: something waits, or the broker has asked for a pause. */
export function needsTimer(queue: Pick<RequestQueue, 'pending' | 'throttledUntil'>, now: number): boolean {
  return queue.pending.length > 0 || queue.throttledUntil > now;
}

/**
 * kafkajs 2.2.4 looks at each connection's queue every millisecond from its first answer on, also where nothing waits: the
 * timer sets itself anew without asking. An idle consumer woke 700 times a second for it.
 */
export function calmRequestQueues(): void {
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (needsTimer(this, Date.now())) schedule.call(this);
  };
}
