import type { Pool } from 'pg';

/**
 * Removes up to `limit` messages that were published before an instant. Gives how many. What stays, however old: messages
 * that some group of their topic has not worked off, topics that nobody reads (dead letters wait for a person), and the
 * newest message of each partition, from which a reader learns where the end is.
 */
export async function trimMessages(pool: Pool, { before, limit }: { before: Date; limit: number }): Promise<number> {
  const gone = await pool.query(
    `/* bus.trim */ WITH worked_off AS (
       SELECT o.topic, o.partition, least(min(o.committed), p.next_offset - 1) AS upto
       FROM bus_offset o JOIN bus_partition p USING (topic, partition)
       WHERE o.topic NOT LIKE '%.dlq' GROUP BY o.topic, o.partition, p.next_offset
     ), old AS (
       SELECT m.topic, m.partition, m."offset" FROM worked_off w CROSS JOIN LATERAL (
         SELECT * FROM bus_message m
         WHERE m.topic = w.topic AND m.partition = w.partition AND m."offset" < w.upto
         ORDER BY m."offset" LIMIT $2
       ) m WHERE m.published_at < $1 LIMIT $2
     )
     DELETE FROM bus_message m USING old
     WHERE m.topic = old.topic AND m.partition = old.partition AND m."offset" = old."offset"`,
    [before, limit],
  );
  return gone.rowCount ?? 0;
}
