import { dispatcher, TOPICS } from '@tael/events';
import type { BusMessage } from '@tael/platform/bus';
import type { Tx } from '@tael/platform/postgres';
import type { __Entity__Service } from '../__entities__/__entityFile__.service';

export const CONSUMER_GROUP = '__name__';
export const CONSUMED_TOPICS: readonly string[] = [TOPICS.accounts];

/** Works off one message in a transaction. Every effect has a key of its own, besides the inbox: a repeat changes nothing. */
export type EventHandler = (tx: Tx, message: Pick<BusMessage, 'topic' | 'key' | 'headers' | 'value'>) => Promise<void>;

/** Makes the function that works off the events that __name__ hears. */
export function createEventHandler(service: __Entity__Service): EventHandler {
  return dispatcher<Tx>({
    'person.registered': (tx, { data }) => service.welcome(tx, { id: data.personId, joinedAt: data.occurredAt }),
  });
}
