import type { Admin, Kafka } from 'kafkajs';
import { withDeadline } from './deadline';

const JOIN_MS = 15_000;

/**
 * Commits the oldest offset of each partition for a group without members. Only a member may commit, so this joins for
 * the moment; kafkajs's own `setOffsets` does the same but waits five seconds for a fetch.
 */
export async function rewindGroup(
  client: Kafka, admin: Admin, target: { group: string; topics: readonly string[] },
): Promise<void> {
  const { group, topics } = target;
  const { groups } = await admin.describeGroups([group]);
  const state = groups[0]?.state;
  if (state !== 'Empty' && state !== 'Dead') throw new Error(`group ${group} still has members: stop them before it is rewound`);

  const offsets: { topic: string; partition: number; offset: string }[] = [];
  for (const topic of topics) {
    for (const { partition, low } of await admin.fetchTopicOffsets(topic)) offsets.push({ topic, partition, offset: low });
  }
  const consumer = client.consumer({
    groupId: group, allowAutoTopicCreation: false, maxWaitTimeInMs: 50, sessionTimeout: 6_000, heartbeatInterval: 500,
  });
  const joined = new Promise<void>((resolve, reject) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve());
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => void payload.pause(),
    });
    await withDeadline(joined, JOIN_MS, 'joining the group');
    await consumer.commitOffsets(offsets);
  } finally {
    await consumer.disconnect();
  }
}
