import type { Pool } from 'pg';
import type { BusGroup } from './bus.port';
import { inGroup } from './postgres.group';

/** Every group that has a place in the log, with how much of it waits for the group, and how many members live. */
export async function listGroups(pool: Pool): Promise<BusGroup[]> {
  const found = await pool.query<{ group: string; topics: string[]; members: number; lag: string }>(
    `/* bus.groups */ SELECT o.consumer_group AS group, array_agg(DISTINCT o.topic ORDER BY o.topic) AS topics,
       sum(p.next_offset - o.committed)::text AS lag,
       (SELECT count(*)::int FROM bus_member m WHERE m.consumer_group = o.consumer_group AND m.lease_until >= clock_timestamp()) AS members
     FROM bus_offset o JOIN bus_partition p USING (topic, partition) GROUP BY o.consumer_group ORDER BY o.consumer_group`,
  );
  return found.rows.map((row) => ({ ...row, lag: BigInt(row.lag) }));
}

/** Forgets a group without living members: the log keeps nothing for it any more. */
export async function removeGroup(pool: Pool, group: string): Promise<void> {
  await inGroup(pool, group, async (session) => {
    const alive = await session.query(
      '/* bus.group.alive */ SELECT FROM bus_member WHERE consumer_group = $1 AND lease_until >= clock_timestamp()', [group],
    );
    if (alive.rowCount) throw new Error(`group ${group} still has members: stop them before it is removed`);
    await session.query('/* bus.group.members */ DELETE FROM bus_member WHERE consumer_group = $1', [group]);
    const gone = await session.query('/* bus.group.remove */ DELETE FROM bus_offset WHERE consumer_group = $1', [group]);
    if (!gone.rowCount) throw new Error(`the bus knows no group ${group}`);
  });
}
