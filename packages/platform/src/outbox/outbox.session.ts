import type { DataSource } from 'typeorm';
import type { OutgoingMessage } from '../bus';
import { GRACE_MS, SERVER_KEEP_ALIVE, WatchedClient } from '../postgres/watched-client';

/** A place in the outbox: rows are handed on in the order of (xid, id). */
export interface Position {
  readonly xid: string;
  readonly id: string;
}

export interface OutboxRow extends Position {
  readonly message: OutgoingMessage;
}

/**
 * The relay's own session with the database. It holds the leader's advisory lock, and everything that a leader does runs
 * on it: where the session is gone, so is the lock, and no statement of the old leader can follow.
 */
export interface OutboxSession {
  /** Says whether this session is, or now became, the only leader of this database. */
  lead(): Promise<boolean>;
  position(): Promise<Position>;
  /** Reads the next rows behind `position`, in order, that no running transaction can still put anything before. */
  next(position: Position, limit: number): Promise<OutboxRow[]>;
  /** Moves the cursor and removes what lies behind it. Gives false where another leader has moved it. */
  advance(from: Position, to: Position): Promise<boolean>;
  close(): Promise<void>;
}

interface Row {
  readonly xid: string;
  readonly id: string | bigint;
  readonly topic: string;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly value: string;
}

/** How long the relay's session may take, in milliseconds. */
export interface SessionTimes {
  /** For a statement. */
  readonly statementMs: number;
  /** Between two statements: longer than the bus may take for a batch. Whoever is silent for so long is gone or stands still. */
  readonly idleMs: number;
}

const TIMES: SessionTimes = { statementMs: 10_000, idleMs: 30_000 };

// The relay asks the same few questions for ever: they are planned once, by the index in the order of commits, whatever
// the statistics say of a table that is empty most of the time.
const SESSION = [
  '-c synchronous_commit=on', '-c lock_timeout=5000', SERVER_KEEP_ALIVE,
  '-c jit=off', '-c plan_cache_mode=force_generic_plan', '-c enable_seqscan=off',
].join(' ');

const NEXT = `/* outbox.next */ SELECT xid::text AS xid, id, topic, key, headers, value FROM outbox
  WHERE (xid, id) > ($1::xid8, $2::bigint) AND xid < pg_snapshot_xmin(pg_current_snapshot())
  ORDER BY outbox.xid, outbox.id LIMIT $3`;

// One statement and so one commit. Every row of the range was read and published: a transaction that could still add one
// would have held the horizon back.
const ADVANCE = `/* outbox.advance */ WITH moved AS (
    UPDATE outbox_cursor SET xid = $3::xid8, id = $4::bigint
    WHERE shard = 0 AND xid = $1::xid8 AND id = $2::bigint RETURNING shard
  ), removed AS (
    DELETE FROM outbox USING moved
    WHERE (outbox.xid, outbox.id) > ($1::xid8, $2::bigint) AND (outbox.xid, outbox.id) <= ($3::xid8, $4::bigint)
  )
  SELECT EXISTS (SELECT FROM moved) AS moved`;

/**
 * Opens a session beside the pool of `dataSource`. Both ends bound it in time: the relay gives up a server that is silent,
 * and the server a relay that is, since the lock of a leader who is gone without a word would keep every other from leading.
 */
export async function openSession(dataSource: DataSource, times: SessionTimes = TIMES): Promise<OutboxSession> {
  const { url, applicationName } = dataSource.options as { url?: string; applicationName?: string };
  const client = new WatchedClient({
    connectionString: url,
    application_name: `${applicationName ?? 'tael'}-relay`,
    connectionTimeoutMillis: 3_000,
    silenceMs: times.statementMs + GRACE_MS,
    options: `${SESSION} -c statement_timeout=${times.statementMs} -c idle_session_timeout=${times.idleMs}`,
  });
  // The next query rejects; without a listener the process would end.
  client.on('error', () => undefined);
  await client.connect();
  return {
    async lead() {
      const answer = await client.query<{ held: boolean }>(
        `/* outbox.lead */ SELECT pg_try_advisory_lock(hashtext('tael/outbox/relay')) AS held`,
      );
      return answer.rows[0]!.held;
    },
    async position() {
      const answer = await client.query<{ xid: string; id: string }>(
        '/* outbox.position */ SELECT xid::text AS xid, id::text AS id FROM outbox_cursor WHERE shard = 0',
      );
      return answer.rows[0]!;
    },
    async next({ xid, id }, limit) {
      const answer = await client.query<Row>({ name: 'outbox.next', text: NEXT, values: [xid, id, limit] });
      return answer.rows.map(({ topic, key, headers, value, ...at }) => ({
        xid: at.xid, id: at.id.toString(), message: { topic, key, headers, value },
      }));
    },
    async advance(from, to) {
      const values = [from.xid, from.id, to.xid, to.id];
      const answer = await client.query<{ moved: boolean }>({ name: 'outbox.advance', text: ADVANCE, values });
      return answer.rows[0]!.moved;
    },
    close: () => client.end(),
  };
}
