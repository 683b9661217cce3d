import type { Bus, BusMessage } from '../bus';
import { withDeadline } from '../bus/deadline';
import { counter, COUNTS, gauge, histogram } from '../metrics';

const LAG_MS = 2_000;

/** Messages that a group could not work off. */
export const deadLetters = counter({
  name: 'tael_dead_letters_total', help: 'Events that went to the dead letters.', labels: ['group'],
});

const age = histogram({
  name: 'tael_event_age_seconds', help: 'From the moment that an event tells of until it was worked off.', labels: ['group'],
});

const seconds = histogram({
  name: 'tael_inbox_transaction_seconds', help: 'Time of a transaction that works events off.', labels: ['group'],
});

const sizes = histogram({
  name: 'tael_inbox_transaction_events', help: 'Events that one transaction works off.', labels: ['group'], buckets: COUNTS,
});

const duplicates = counter({
  name: 'tael_inbox_duplicates_total', help: 'Events that came again and had no effect.', labels: ['group'],
});

/** Notes how many events came in one transaction, and how many of them were new. */
export function measureBatch(group: string, came: number, fresh: number): void {
  sizes.observe({ group }, came);
  if (came > fresh) duplicates.inc({ group }, came - fresh);
}

/** Notes how long a transaction took that was committed. */
export function measureTransaction(group: string, ms: number): void {
  seconds.observe({ group }, ms / 1_000);
}

/** Notes how old events were when they were done. */
export function measureAge(group: string, messages: readonly BusMessage[]): void {
  const now = Date.now();
  for (const { headers } of messages) {
    const ms = now - Date.parse(headers['ce_time'] ?? '');
    if (ms >= 0) age.observe({ group }, ms / 1_000);
  }
}

/** Shows how many events of each topic a group has not worked off, asked of the bus when somebody wants to know. */
export function measureLag(bus: Bus, group: string, topics: readonly string[]): void {
  gauge({
    name: 'tael_consumer_lag_events',
    help: 'Events that the group has not worked off yet.',
    labels: ['group', 'topic'],
    collect: async (level) => {
      for (const topic of topics) {
        level.set({ group, topic }, Number(await withDeadline(bus.lag(group, [topic]), LAG_MS, 'asking for the lag')));
      }
    },
  });
}
