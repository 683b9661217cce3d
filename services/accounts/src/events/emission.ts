import { type EventData, type EventType, toMessage } from '@tael/events';
import { appendToOutbox } from '@tael/platform/outbox';
import { traceparent } from '@tael/platform/telemetry';
import type { Tx } from '@tael/platform/postgres';

/** An event of this service, before it is written. */
export type Emission = { [Type in EventType]: { type: Type; data: EventData<Type> } }[EventType];

/** Writes events into the outbox of the transaction that they tell of, as part of the trace of its cause. */
export async function emit(tx: Tx, cause: { traceparent?: string | undefined }, events: readonly Emission[]): Promise<void> {
  const trace = traceparent(cause.traceparent);
  await appendToOutbox(
    tx,
    events.map(({ type, data }) => toMessage(type, data as never, { source: 'accounts', time: new Date(), traceparent: trace })),
  );
}
