import pg from 'pg';
import type { Logger } from '../log';
import { GRACE_MS, SERVER_KEEP_ALIVE, WatchedClient, type WatchedClientConfig } from '../postgres/watched-client';
import { startWorkLoop, type WorkLoop } from '../work-loop';
import type { Bus, BusConsumer, BusGroup, BusMessage, ConsumerOptions, OutgoingMessage } from './bus.port';
import { partitionOf } from './partition';
import { CONSUMER_TIMING, PostgresConsumer } from './postgres.consumer';
import { rewindGroup } from './postgres.group';
import { listGroups, removeGroup } from './postgres.groups';
import { type MessageRow, messageOf } from './postgres.message';
import { createBusTables } from './postgres.schema';
import { trimMessages } from './postgres.trim';

export interface PostgresBusSettings {
  readonly url: string;
  readonly clientId: string;
  readonly log: Logger;
  /** How many days messages stay after every group has worked them off, 30 unless told. */
  readonly keepDays?: number;
  /** How long a statement may take, 10 s unless told. */
  readonly statementMs?: number;
}

const KEEP_DAYS = 30;
const STATEMENT_MS = 10_000;

const DAY_MS = 86_400_000;
const TRIM_ROWS = 1_000;
const TRIM_IDLE_MS = 300_000;
const PUBLISH_ROWS = 2_000;
/** Past the end of every partition. */
const OFFSET_MAX = 2n ** 63n - 1n;
const READ_ROWS = 500;

// Publishers take turns at a partition, in one order, so that two never wait for each other in a circle. Turns are advisory locks: waiting for
// rows is not enough, for Postgres lets who waits for a row hold a lock on its old version, and who has the row may need that one for the update.
// Turns and rows are held until the commit: offsets of a partition are given in the order of commits, and whoever sees an offset sees all before it.
const PUBLISH = `/* bus.publish */
  WITH message AS (
    SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::jsonb[], $5::text[])
      WITH ORDINALITY AS m (topic, partition, key, headers, value, n)
  ), turn AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(t.lock) FROM (
      SELECT DISTINCT hashtextextended('tael/bus/publish/' || topic || '/' || partition, 0) AS lock FROM message ORDER BY 1 OFFSET 0) t
  ), locked AS (
    SELECT p.topic, p.partition, p.next_offset FROM bus_partition p
    WHERE (SELECT count(*) FROM turn) > 0 AND (p.topic, p.partition) IN (SELECT topic, partition FROM message)
    ORDER BY p.topic, p.partition FOR NO KEY UPDATE
  ), moved AS (
    UPDATE bus_partition p SET next_offset = l.next_offset + c.rows
    FROM locked l JOIN (SELECT topic, partition, count(*) AS rows FROM message GROUP BY topic, partition) c
      ON c.topic = l.topic AND c.partition = l.partition
    WHERE p.topic = l.topic AND p.partition = l.partition
  )
  INSERT INTO bus_message (topic, partition, "offset", key, headers, value)
  SELECT m.topic, m.partition, l.next_offset + row_number() OVER (PARTITION BY m.topic, m.partition ORDER BY m.n) - 1,
         m.key, m.headers, m.value
  FROM message m JOIN locked l ON l.topic = m.topic AND l.partition = m.partition`;

/** The bus on an append-only table: for machines without a broker. Same contract as Kafka's. */
export class PostgresBus implements Bus {
  readonly kind = 'postgres';
  private readonly pool: pg.Pool;
  private readonly consumers = new Set<PostgresConsumer>();
  private readonly wakers = new Set<() => void>();
  /** Partitions of a topic never change once it is made, so that a key keeps its partition. */
  private readonly partitions = new Map<string, number>();
  private tables: Promise<void> | undefined;
  private closing: Promise<void> | undefined;
  private readonly trimming: WorkLoop;

  constructor(private readonly settings: PostgresBusSettings, private readonly timing = CONSUMER_TIMING) {
    const statementMs = settings.statementMs ?? STATEMENT_MS;
    const sessions: pg.PoolConfig & WatchedClientConfig = {
      connectionString: settings.url,
      application_name: `tael-bus-${settings.clientId}`,
      max: 8,
      connectionTimeoutMillis: 3_000,
      Client: WatchedClient,
      silenceMs: statementMs + GRACE_MS,
      options: `-c statement_timeout=${statementMs} -c idle_in_transaction_session_timeout=10000 -c synchronous_commit=on ${SERVER_KEEP_ALIVE}`,
    };
    this.pool = new pg.Pool(sessions);
    // An idle session that dies is replaced at the next query; without a listener the process would end.
    this.pool.on('error', (error) => settings.log.debug({ error }, 'a session of the bus was lost'));
    this.trimming = startWorkLoop({
      name: 'forgetting of the bus', idleMs: TRIM_IDLE_MS, log: settings.log, work: () => this.trim(),
    });
  }

  async ensureTopics(topics: readonly { name: string; partitions: number }[]): Promise<void> {
    await this.ready();
    await this.pool.query(
      `/* bus.topic.ensure */ WITH made AS (
         INSERT INTO bus_topic (topic, partitions) SELECT * FROM unnest($1::text[], $2::int[]) AS t (topic, partitions)
         ORDER BY topic ON CONFLICT (topic) DO NOTHING RETURNING topic, partitions
       )
       INSERT INTO bus_partition (topic, partition)
       SELECT topic, generate_series(0, partitions - 1) FROM made`,
      [topics.map((topic) => topic.name), topics.map((topic) => topic.partitions)],
    );
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    await this.ready();
    for (let from = 0; from < messages.length; from += PUBLISH_ROWS) {
      await this.append(messages.slice(from, from + PUBLISH_ROWS));
      this.wakers.forEach((wake) => wake());
    }
  }

  private async append(messages: readonly OutgoingMessage[]): Promise<void> {
    await this.learnPartitions(messages.map((message) => message.topic));
    await this.pool.query(PUBLISH, [
      messages.map((message) => message.topic),
      messages.map((message) => partitionOf(message.key, this.partitions.get(message.topic)!)),
      messages.map((message) => message.key),
      messages.map((message) => JSON.stringify(message.headers)),
      messages.map((message) => message.value),
    ]);
  }

  async subscribe(options: ConsumerOptions): Promise<BusConsumer> {
    await this.ready();
    await this.learnPartitions(options.topics);
    const consumer = new PostgresConsumer({
      pool: this.pool,
      log: this.settings.log,
      options,
      timing: this.timing,
      onPublish: (wake) => {
        this.wakers.add(wake);
        return () => this.wakers.delete(wake);
      },
    });
    this.consumers.add(consumer);
    return consumer;
  }

  async rewind(group: string, topics: readonly string[]): Promise<void> {
    await this.ready();
    await rewindGroup(this.pool, group, topics);
  }

  async lag(group: string, topics: readonly string[]): Promise<bigint> {
    await this.ready();
    const found = await this.pool.query<{ lag: string }>(
      `/* bus.lag */ SELECT coalesce(sum(p.next_offset - coalesce(o.committed, 0)), 0)::text AS lag
       FROM bus_partition p
       LEFT JOIN bus_offset o ON o.consumer_group = $1 AND o.topic = p.topic AND o.partition = p.partition
       WHERE p.topic = ANY($2)`,
      [group, topics],
    );
    return BigInt(found.rows[0]!.lag);
  }

  async groups(): Promise<BusGroup[]> {
    await this.ready();
    return listGroups(this.pool);
  }

  async removeGroup(group: string): Promise<void> {
    await this.ready();
    await removeGroup(this.pool, group);
  }

  async *read(topic: string, { since }: { since?: Date } = {}): AsyncIterable<BusMessage> {
    await this.ready();
    const ends = await this.pool.query<{ partition: number; next_offset: string | bigint }>(
      '/* bus.read.ends */ SELECT partition, next_offset FROM bus_partition WHERE topic = $1 ORDER BY partition', [topic],
    );
    for (const { partition, next_offset: end } of ends.rows) {
      let from = since ? await this.firstSince(topic, partition, since) : 0n;
      while (from < BigInt(end)) {
        const page = await this.pool.query<MessageRow>(
          `/* bus.read */ SELECT topic, partition, "offset", key, headers, value FROM bus_message
           WHERE topic = $1 AND partition = $2 AND "offset" >= $3 AND "offset" < $4 ORDER BY "offset" LIMIT $5`,
          [topic, partition, from.toString(), end.toString(), READ_ROWS],
        );
        const messages = page.rows.map(messageOf);
        yield* messages;
        from = (messages.at(-1)?.offset ?? BigInt(end)) + 1n;
      }
    }
  }

  /** The offset of the first message of a partition that was published at a time or later; past its end where there is none. */
  private async firstSince(topic: string, partition: number, since: Date): Promise<bigint> {
    const found = await this.pool.query<{ first: string | bigint | null }>(
      '/* bus.read.since */ SELECT min("offset") AS first FROM bus_message WHERE topic = $1 AND partition = $2 AND published_at >= $3',
      [topic, partition, since],
    );
    const first = found.rows[0]?.first;
    return first === null || first === undefined ? OFFSET_MAX : BigInt(first);
  }

  async health(): Promise<{ ready: boolean; cause?: string }> {
    try {
      await this.ready();
      await this.pool.query('/* bus.health */ SELECT 1');
      return { ready: true };
    } catch (error) {
      return { ready: false, cause: `the bus database does not answer: ${(error as Error).message}` };
    }
  }

  close(): Promise<void> {
    this.closing ??= (async () => {
      await Promise.all([...this.consumers].map((consumer) => consumer.stop()));
      await this.trimming.stop();
      await this.pool.end();
    })();
    return this.closing;
  }

  private async trim(): Promise<number> {
    // Only who has used the bus keeps it in order: to look on must not make its tables.
    if (!this.tables) return 0;
    await this.tables;
    const before = new Date(Date.now() - (this.settings.keepDays ?? KEEP_DAYS) * DAY_MS);
    return trimMessages(this.pool, { before, limit: TRIM_ROWS });
  }

  /** Resolves when the tables stand; a failed try is repeated by the next caller. */
  private ready(): Promise<void> {
    this.tables ??= createBusTables(this.pool).catch((error: unknown) => {
      this.tables = undefined;
      throw error;
    });
    return this.tables;
  }

  private async learnPartitions(topics: readonly string[]): Promise<void> {
    const unknown = [...new Set(topics)].filter((topic) => !this.partitions.has(topic));
    if (unknown.length === 0) return;
    const found = await this.pool.query<{ topic: string; partitions: number }>(
      '/* bus.topic.find */ SELECT topic, partitions FROM bus_topic WHERE topic = ANY($1)', [unknown],
    );
    for (const row of found.rows) this.partitions.set(row.topic, row.partitions);
    const missing = unknown.filter((topic) => !this.partitions.has(topic));
    if (missing.length > 0) throw new Error(`the bus has no topic ${missing.join(', ')}`);
  }
}
