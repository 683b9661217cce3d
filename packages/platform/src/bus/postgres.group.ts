import type { Pool, PoolClient } from 'pg';
import { inSession } from './postgres.session';

/** A partition that a member of a group owns, with what it needs to commit: a stale epoch commits nothing. */
export interface Claim {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: bigint;
  readonly committed: bigint;
  /** It should be another member's: no new batch begins, and it is given up at the next heartbeat. */
  readonly leaving: boolean;
}

/** A member of a consumer group, as it stands in the database. */
export interface Membership {
  readonly group: string;
  readonly member: string;
  readonly topics: readonly string[];
  readonly leaseMs: number;
}

export const nameOf = (claim: { topic: string; partition: number }): string => `${claim.topic}/${claim.partition}`;

interface Slot {
  readonly topic: string;
  readonly partition: number;
  readonly owner: string | null;
  readonly epoch: string | bigint;
  readonly committed: string | bigint;
}

interface MemberRow {
  readonly member: string;
  readonly topics: string[];
}

/**
 * Gives the owner of each partition: those who want the topic take turns along the sorted list, so that every member
 * computes the same and the shares differ by at most one.
 */
export function assign(
  slots: readonly { topic: string; partition: number }[], members: readonly MemberRow[],
): Map<string, string> {
  const sorted = [...members].sort((a, b) => (a.member < b.member ? -1 : 1));
  const owners = new Map<string, string>();
  slots.forEach((slot, index) => {
    const wanting = sorted.filter((member) => member.topics.includes(slot.topic));
    const owner = wanting[index % wanting.length];
    if (owner) owners.set(nameOf(slot), owner.member);
  });
  return owners;
}

/**
 * Renews the lease of a member, and gives the partitions that it owns now. Dead members lose theirs. A partition that
 * should be another's is given up only if it is not in `busy`; it is taken over once nobody alive owns it.
 */
export async function renew(pool: Pool, membership: Membership, busy: ReadonlySet<string>): Promise<Claim[]> {
  return inGroup(pool, membership.group, async (session) => {
    const { group, member, topics, leaseMs } = membership;
    await session.query(
      `/* bus.member.renew */ INSERT INTO bus_member (consumer_group, member, topics, lease_until)
       VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 millisecond')
       ON CONFLICT (consumer_group, member) DO UPDATE SET lease_until = excluded.lease_until`,
      [group, member, topics, leaseMs],
    );
    await session.query(
      '/* bus.member.expire */ DELETE FROM bus_member WHERE consumer_group = $1 AND lease_until < clock_timestamp()',
      [group],
    );
    const slots = await slotsOf(session, group, topics);
    const members = await session.query<MemberRow>(
      '/* bus.member.list */ SELECT member, topics FROM bus_member WHERE consumer_group = $1', [group],
    );
    return rebalance(session, { membership, busy, slots, members: members.rows });
  });
}

interface Rebalance {
  readonly membership: Membership;
  readonly busy: ReadonlySet<string>;
  readonly slots: readonly Slot[];
  readonly members: readonly MemberRow[];
}

async function rebalance(session: PoolClient, { membership, busy, slots, members }: Rebalance): Promise<Claim[]> {
  const { group, member } = membership;
  const owners = assign(slots, members);
  const alive = new Set(members.map((row) => row.member));
  const isMine = (slot: Slot): boolean => owners.get(nameOf(slot)) === member;
  const isFree = (slot: Slot): boolean => slot.owner === null || !alive.has(slot.owner);

  const kept = slots.filter((slot) => slot.owner === member && (isMine(slot) || busy.has(nameOf(slot))));
  const released = slots.filter((slot) => slot.owner === member && !kept.includes(slot));
  const taken = slots.filter((slot) => isMine(slot) && isFree(slot));
  if (released.length > 0) {
    await session.query(
      `/* bus.partition.release */ UPDATE bus_offset o SET owner = NULL
       FROM unnest($2::text[], $3::int[]) AS r (topic, partition)
       WHERE o.consumer_group = $1 AND o.topic = r.topic AND o.partition = r.partition`,
      [group, released.map((slot) => slot.topic), released.map((slot) => slot.partition)],
    );
  }
  if (taken.length > 0) {
    await session.query(
      `/* bus.partition.take */ UPDATE bus_offset o SET owner = $2, epoch = o.epoch + 1
       FROM unnest($3::text[], $4::int[]) AS t (topic, partition)
       WHERE o.consumer_group = $1 AND o.topic = t.topic AND o.partition = t.partition`,
      [group, member, taken.map((slot) => slot.topic), taken.map((slot) => slot.partition)],
    );
  }
  return [
    ...kept.map((slot) => ({ ...claimOf(slot), leaving: !isMine(slot) })),
    ...taken.map((slot) => ({ ...claimOf(slot), epoch: BigInt(slot.epoch) + 1n })),
  ];
}

const claimOf = (slot: Slot): Claim => ({
  topic: slot.topic,
  partition: slot.partition,
  epoch: BigInt(slot.epoch),
  committed: BigInt(slot.committed),
  leaving: false,
});

async function slotsOf(session: PoolClient, group: string, topics: readonly string[]): Promise<Slot[]> {
  await session.query(
    `/* bus.partition.join */ INSERT INTO bus_offset (consumer_group, topic, partition)
     SELECT $1, p.topic, p.partition FROM bus_partition p
     WHERE p.topic = ANY($2) AND NOT EXISTS (
       SELECT FROM bus_offset o WHERE o.consumer_group = $1 AND o.topic = p.topic AND o.partition = p.partition
     ) ON CONFLICT DO NOTHING`,
    [group, topics],
  );
  // All of the group's partitions, not only those of this member's topics: every member must count along one list.
  const slots = await session.query<Slot>(
    `/* bus.partition.list */ SELECT topic, partition, owner, epoch, committed FROM bus_offset
     WHERE consumer_group = $1 ORDER BY topic COLLATE "C", partition`,
    [group],
  );
  return slots.rows;
}

/** Commits the next offset of a claim. Gives false where another member has taken the partition meanwhile. */
export async function commit(pool: Pool, membership: Membership, claim: Claim, next: bigint): Promise<boolean> {
  const done = await pool.query(
    `/* bus.offset.commit */ UPDATE bus_offset SET committed = $6
     WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND owner = $4 AND epoch = $5`,
    [membership.group, claim.topic, claim.partition, membership.member, claim.epoch.toString(), next.toString()],
  );
  return done.rowCount === 1;
}

/** Leaves the group at once: what the member owned is free for the others. */
export async function leave(pool: Pool, { group, member }: Membership): Promise<void> {
  await inGroup(pool, group, async (session) => {
    await session.query(
      '/* bus.member.release */ UPDATE bus_offset SET owner = NULL WHERE consumer_group = $1 AND owner = $2', [group, member],
    );
    await session.query(
      '/* bus.member.leave */ DELETE FROM bus_member WHERE consumer_group = $1 AND member = $2', [group, member],
    );
  });
}

/** Sets the committed offsets of a group without living members back to the beginning. */
export async function rewindGroup(pool: Pool, group: string, topics: readonly string[]): Promise<void> {
  await inGroup(pool, group, async (session) => {
    const alive = await session.query(
      '/* bus.rewind.alive */ SELECT FROM bus_member WHERE consumer_group = $1 AND lease_until >= clock_timestamp()', [group],
    );
    if (alive.rowCount) throw new Error(`group ${group} still has members: stop them before it is rewound`);
    await session.query(
      '/* bus.rewind */ UPDATE bus_offset SET committed = 0 WHERE consumer_group = $1 AND topic = ANY($2)', [group, topics],
    );
  });
}

/** Runs `work` in a transaction that no other change of this group's membership overlaps. */
export async function inGroup<T>(pool: Pool, group: string, work: (session: PoolClient) => Promise<T>): Promise<T> {
  return inSession(pool, async (session) => {
    await session.query('/* bus.group.lock */ SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`tael/bus/${group}`]);
    return work(session);
  });
}
