import type { Pool } from 'pg';
import { openToApplication, type TableRights } from '../postgres/application-role';
import { inSession } from './postgres.session';

// The log is append-only; the small tables beside it change with every batch, so they keep room for updates in place
// and are vacuumed by count of dead rows, not by share of the table.
const TABLES = `
  CREATE TABLE IF NOT EXISTS bus_topic (
    topic text CONSTRAINT bus_topic_pkey PRIMARY KEY,
    partitions integer NOT NULL CONSTRAINT bus_topic_partitions CHECK (partitions BETWEEN 1 AND 1000)
  );
  CREATE TABLE IF NOT EXISTS bus_partition (
    topic text NOT NULL CONSTRAINT bus_partition_topic REFERENCES bus_topic,
    partition integer NOT NULL,
    next_offset bigint NOT NULL DEFAULT 0,
    CONSTRAINT bus_partition_pkey PRIMARY KEY (topic, partition)
  ) WITH (fillfactor = 30, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
  CREATE TABLE IF NOT EXISTS bus_message (
    topic text NOT NULL,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    key text NOT NULL,
    headers jsonb NOT NULL,
    value text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT bus_message_pkey PRIMARY KEY (topic, partition, "offset")
  );
  CREATE TABLE IF NOT EXISTS bus_member (
    consumer_group text NOT NULL,
    member uuid NOT NULL,
    topics text[] NOT NULL,
    lease_until timestamptz NOT NULL,
    CONSTRAINT bus_member_pkey PRIMARY KEY (consumer_group, member)
  ) WITH (fillfactor = 30, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
  CREATE TABLE IF NOT EXISTS bus_offset (
    consumer_group text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    committed bigint NOT NULL DEFAULT 0,
    owner uuid,
    epoch bigint NOT NULL DEFAULT 0,
    CONSTRAINT bus_offset_pkey PRIMARY KEY (consumer_group, topic, partition),
    CONSTRAINT bus_offset_partition FOREIGN KEY (topic, partition) REFERENCES bus_partition
  ) WITH (fillfactor = 30, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
`;

// Messages go once every group has worked them off, members when they leave, and where a group has come to when it is
// forgotten; topics and their partitions stay.
const RIGHTS: TableRights = { appendOnly: ['bus_topic'], kept: ['bus_partition'] };

/**
 * Creates the tables of the bus where they are missing; waits for another process that does the same. Where the bus has an
 * owner and an application role, the owner does this before the services come, and gives them what they need.
 */
export async function createBusTables(pool: Pool): Promise<void> {
  await inSession(pool, async (session) => {
    await session.query(`/* bus.tables.lock */ SELECT pg_advisory_xact_lock(hashtext('tael/bus/tables'))`);
    const found = await session.query(`/* bus.tables.find */ SELECT to_regclass('bus_offset') AS name`);
    if (found.rows[0].name === null) await session.query(TABLES);
    await openToApplication(async (text, values) => (await session.query(text, values)).rows, RIGHTS);
  });
}
