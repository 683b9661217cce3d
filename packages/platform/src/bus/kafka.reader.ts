import { randomUUID } from 'node:crypto';
import type { Admin, EachBatchPayload, Kafka } from 'kafkajs';
import type { BusMessage } from './bus.port';
import { busMessage } from './kafka.message';

type Ends = Map<number, bigint>;

/**
 * Reads a topic from its beginning to the end that it has now. kafkajs reads only as a member of a group: the group is
 * made for this one reading and removed after. One fetched batch at most waits for the reader.
 */
export async function* readTopic(client: Kafka, admin: Admin, topic: string): AsyncGenerator<BusMessage> {
  const ends: Ends = new Map();
  for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
    if (BigInt(high) > BigInt(low)) ends.set(partition, BigInt(high));
  }
  if (ends.size === 0) return;

  const groupId = `tael-read-${randomUUID()}`;
  const consumer = client.consumer({
    groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 50, sessionTimeout: 30_000, heartbeatInterval: 1_000,
  });
  const hand = handOver<BusMessage[]>();
  consumer.on(consumer.events.CRASH, ({ payload }) => hand.fail(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: (payload) => take(payload, ends, hand.give) });
    while (ends.size > 0) {
      const { item, taken } = await hand.next();
      try {
        yield* item;
      } finally {
        // Also where the loop stops in the middle: the consumer cannot leave while a batch of it waits.
        taken();
      }
    }
  } finally {
    hand.close();
    await consumer.disconnect().catch(() => undefined);
    await admin.deleteGroups([groupId]).catch(() => undefined);
  }
}

async function take(payload: EachBatchPayload, ends: Ends, give: (messages: BusMessage[]) => Promise<void>): Promise<void> {
  const { topic, partition, messages } = payload.batch;
  const end = ends.get(partition);
  if (end === undefined) return;
  const wanted = messages.filter((message) => BigInt(message.offset) < end);
  if (BigInt(payload.batch.lastOffset()) + 1n >= end) ends.delete(partition);
  await give(wanted.map((message) => busMessage(topic, partition, message)));
}

interface Handed<T> {
  readonly item: T;
  readonly taken: () => void;
}

/** Hands items from a callback to a loop, one at a time: the giver waits until the loop has done with its item. */
function handOver<T>(): {
  give: (item: T) => Promise<void>; next: () => Promise<Handed<T>>; fail: (error: Error) => void; close: () => void;
} {
  const given: Handed<T>[] = [];
  let failure: Error | undefined;
  let closed = false;
  let wake: () => void = () => undefined;
  return {
    give: (item) => new Promise<void>((resolve) => {
      if (closed) return resolve();
      given.push({ item, taken: resolve });
      wake();
    }),
    async next() {
      while (given.length === 0) {
        if (failure) throw failure;
        await new Promise<void>((resolve) => (wake = resolve));
      }
      return given.shift()!;
    },
    fail(error) {
      failure = error;
      wake();
    },
    close() {
      closed = true;
      given.splice(0).forEach(({ taken }) => taken());
    },
  };
}
