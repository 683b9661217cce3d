import { counter } from '@tael/platform/metrics';
import { isTracing, traced } from '@tael/platform/telemetry';
import type { DataSource } from 'typeorm';
import type { HandOff } from './delivery.domain';
import type { Delivery } from './delivery.rows';

const attempts = counter({
  name: 'tael_deliveries_total',
  help: 'Attempts to deliver a message, by channel and what came of them.',
  labels: ['channel', 'outcome'],
});

/** Counts what came of an attempt. */
export function countAttempt({ channel }: Delivery, { kind }: HandOff): void {
  attempts.inc({ channel, outcome: kind });
}

/** The traces that messages belong to, by message. */
export type MessageTraces = ReadonlyMap<string, string>;

/** Gives the traces of deliveries' messages; none where traces are not told. */
export async function tracesOf(dataSource: DataSource, deliveries: readonly Delivery[]): Promise<MessageTraces> {
  if (!isTracing()) return new Map();
  const rows: { id: string; traceparent: string }[] = await dataSource.query(
    `/* delivery.traces */ SELECT n.id, i.traceparent FROM notification n JOIN intent i ON i.id = n."intentId"
     WHERE n.id = ANY($1::uuid[]) AND i.traceparent IS NOT NULL`,
    [deliveries.map(({ notificationId }) => notificationId)],
  );
  return new Map(rows.map(({ id, traceparent }) => [id, traceparent]));
}

/** Hands a message to its channel as a span of the message's trace. */
export function inTraceOf(delivery: Delivery, traces: MessageTraces, work: () => Promise<HandOff>): Promise<HandOff> {
  const parent = traces.get(delivery.notificationId);
  if (!parent) return work();
  const attributes = { 'tael.notification.id': delivery.notificationId };
  return traced({ name: `deliver ${delivery.channel}`, kind: 'client', parent, attributes }, async (span) => {
    const handOff = await work();
    if (span && handOff.kind !== 'HANDED_OFF') span.fault = handOff.kind;
    return handOff;
  });
}
