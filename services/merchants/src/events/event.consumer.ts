import { type EventData, type EventType, fromMessage, MalformedEvent, type TaelEvent, TOPICS, withoutHandler } from '@tael/events';
import type { Bus, BusMessage } from '@tael/platform/bus';
import { type BatchHandler, type EventConsumer, Poison, startEventConsumer } from '@tael/platform/inbox';
import type { Logger } from '@tael/platform/log';
import type { DataSource } from 'typeorm';
import { type Draft, FEEDS } from '../webhooks/webhook.feed';
import type { Told, WebhookQueue } from '../webhooks/webhook-queue.service';

interface ToldMessage extends Told {
  readonly message: BusMessage;
}

/** What is told of events; nothing of those that no feed knows. */
function toldOf(messages: readonly BusMessage[]): ToldMessage[] {
  return messages.flatMap((message) => {
    const event = read(message);
    const draftOf = FEEDS[event.type] as ((data: EventData<EventType>) => Draft | undefined) | undefined;
    const draft = draftOf?.(event.data);
    return draft ? [{ message, event, draft }] : [];
  });
}

/** Makes the function that writes the webhooks of events, in the transaction of their inbox rows. */
export function eventHandler(queue: WebhookQueue): BatchHandler {
  return async (tx, messages) => {
    const told = toldOf(messages);
    // Lanes are locked in the order of their owners, so that two batches never wait for each other; within one, order stays.
    told.sort((a, b) => (a.draft.orderKey < b.draft.orderKey ? -1 : Number(a.draft.orderKey > b.draft.orderKey)));
    if (told.length > 0) await queue.enqueue(tx, told);
  };
}

/** Makes the function that gives the messages of which somebody is told: most are of shops that have no endpoint. */
export function wantedBy(queue: WebhookQueue): (messages: readonly BusMessage[]) => Promise<BusMessage[]> {
  return async (messages) => (await queue.chosen(toldOf(messages))).map(({ message }) => message);
}

function read(message: BusMessage): TaelEvent {
  try {
    return fromMessage(message);
  } catch (error) {
    if (error instanceof MalformedEvent) throw new Poison(`${error.name}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** Starts the consumer group `merchants-webhooks`. */
export function startWebhooksConsumer(parts: {
  bus: Bus;
  dataSource: DataSource;
  log: Logger;
  queue: WebhookQueue;
  inboxDays?: number;
}): Promise<EventConsumer> {
  const { queue, ...rest } = parts;
  return startEventConsumer({
    ...rest,
    group: 'merchants-webhooks',
    topics: [TOPICS.payments, TOPICS.accounts, TOPICS.merchants],
    handleBatch: eventHandler(queue),
    wantedOf: wantedBy(queue),
    passOver: withoutHandler(FEEDS),
  });
}
