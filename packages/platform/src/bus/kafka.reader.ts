import { randomUUID } from 'node:crypto';
import type { Admin, EachBatchPayload, Kafka } from 'kafkajs';
import type { BusMessage } from './bus.port';
import { busMessage } from './kafka.message';

/** What of each partition is still to be read: from an offset up to, and without, another. */
type Ranges = Map<number, { readonly from: bigint; readonly end: bigint }>;

async function rangesOf(admin: Admin, topic: string, since: Date | undefined): Promise<Ranges> {
  const begins = since && await admin.fetchTopicOffsetsByTimestamp(topic, since.getTime());
  const begin = new Map(begins?.map(({ partition, offset }) => [partition, BigInt(offset)]));
  const ranges: Ranges = new Map();
  for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
    const range = { from: begin.get(partition) ?? BigInt(low), end: BigInt(high) };
    // Of a partition without a message since then the broker gives the end that it had, or -1.
    if (range.from >= 0n && range.from < range.end) ranges.set(partition, range);
  }
  return ranges;
}

/**
 * Reads a topic from its beginning, or a time, to the end that it has now. kafkajs reads only as a member of a group: the group is
 * made for this one reading and removed after. One fetched batch at most waits for the reader.
 */
export async function* readTopic(
  client: Kafka, admin: Admin, { topic, since }: { topic: string; since?: Date | undefined },
): AsyncGenerator<BusMessage> {
  const ranges = await rangesOf(admin, topic, since);
  if (ranges.size === 0) return;

  const groupId = `tael-read-${randomUUID()}`;
  const consumer = client.consumer({
    groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 50, sessionTimeout: 30_000, heartbeatInterval: 1_000,
  });
  const hand = handOver<BusMessage[]>();
  consumer.on(consumer.events.CRASH, ({ payload }) => hand.fail(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: (payload) => take(payload, ranges, hand.give) });
    if (since) for (const [partition, { from }] of ranges) consumer.seek({ topic, partition, offset: String(from) });
    while (ranges.size > 0) {
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

async function take(payload: EachBatchPayload, ranges: Ranges, give: (messages: BusMessage[]) => Promise<void>): Promise<void> {
  const { topic, partition, messages } = payload.batch;
  const range = ranges.get(partition);
  if (!range) return;
  // A batch may have been on its way before the consumer was told where to begin.
  const wanted = messages.filter(({ offset }) => BigInt(offset) >= range.from && BigInt(offset) < range.end);
  if (BigInt(payload.batch.lastOffset()) + 1n >= range.end) ranges.delete(partition);
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
