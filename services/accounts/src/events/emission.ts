import { type EventData, type EventType, toMessage } from '@tael/events';
import type { OutgoingMessage } from '@tael/platform/bus';
import { appendToOutbox } from '@tael/platform/outbox';
import { carriedOn } from '@tael/platform/telemetry';
import type { Tx } from '@tael/platform/postgres';

/** An event of this service, before it is written. */
export type Emission = { [Type in EventType]: { type: Type; data: EventData<Type> } }[EventType];

/** Writes events as messages of the bus, as part of the trace of their cause. */
export function messagesOf(cause: { traceparent?: string | undefined }, events: readonly Emission[]): OutgoingMessage[] {
  const trace = carriedOn(cause.traceparent);
  return events.map(({ type, data }) => toMessage(type, data as never, { source: 'accounts', time: new Date(), traceparent: trace }));
}

/** Writes events into the outbox of the transaction that they tell of. */
export async function emit(tx: Tx, cause: { traceparent?: string | undefined }, events: readonly Emission[]): Promise<void> {
  await appendToOutbox(tx, messagesOf(cause, events));
}
