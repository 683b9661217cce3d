import type { Admin } from 'kafkajs';
import type { BusGroup } from './bus.port';

/** Every consumer group that the broker knows, with how much waits for it, and how many members it has. */
export async function listGroups(admin: Admin): Promise<BusGroup[]> {
  const { groups: named } = await admin.listGroups();
  const names = named.filter(({ protocolType }) => protocolType === 'consumer' || protocolType === '').map(({ groupId }) => groupId).sort();
  if (names.length === 0) return [];
  const { groups } = await admin.describeGroups(names);
  const members = new Map(groups.map((group) => [group.groupId, group.members.length]));
  const ends = await endsOf(admin);
  return Promise.all(names.map(async (group) => ({ group, members: members.get(group) ?? 0, ...(await placeOf(admin, group, ends)) })));
}

/** Forgets a group without members: where it was is lost. */
export async function removeGroup(admin: Admin, group: string): Promise<void> {
  const { groups } = await admin.describeGroups([group]);
  const state = groups[0]?.state;
  if (state === 'Dead') throw new Error(`the bus knows no group ${group}`);
  if (state !== 'Empty') throw new Error(`group ${group} still has members: stop them before it is removed`);
  await admin.deleteGroups([group]);
}

type Ends = Map<string, Map<number, { low: bigint; high: bigint }>>;

async function endsOf(admin: Admin): Promise<Ends> {
  const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'));
  return new Map(await Promise.all(topics.map(async (topic) => {
    const offsets = await admin.fetchTopicOffsets(topic);
    return [topic, new Map(offsets.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]))] as const;
  })));
}

async function placeOf(admin: Admin, group: string, ends: Ends): Promise<{ topics: string[]; lag: bigint }> {
  const committed = await admin.fetchOffsets({ groupId: group });
  let lag = 0n;
  for (const { topic, partitions } of committed) {
    const done = new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
    for (const [partition, { low, high }] of ends.get(topic) ?? []) {
      const next = done.get(partition) ?? -1n;
      lag += high - (next < low ? low : next);
    }
  }
  return { topics: committed.map(({ topic }) => topic).sort(), lag };
}
