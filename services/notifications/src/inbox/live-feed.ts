import type { Logger } from '@tael/platform/log';
import type { DataSource } from 'typeorm';
import { INBOX_COLUMNS, type InboxMessage, type InboxRow, type InboxService } from './inbox.service';
import { LiveReader } from './live-reader';

export interface LiveFeedParts {
  readonly dataSource: DataSource;
  readonly inbox: InboxService;
  readonly log: Logger;
  readonly pollMs?: number;
}

/** A place in the feed: rows are ordered by their transaction, then by their id. */
interface Position {
  readonly xid: bigint;
  readonly id: bigint;
}

type FeedRow = InboxRow & { readonly feedXid: string; readonly feedId: bigint };

interface Listener {
  readonly personId: string;
  readonly reader: LiveReader<InboxMessage>;
  /** Says which transactions had committed when the listener came. */
  readonly seen: (xid: bigint) => boolean;
  /** All rows up to here were looked at for this listener. */
  position: Position;
}

const ROWS_MAX = 500;
const UNREAD_MAX = 1_000;
const POLL_MS = 100;

const isAfter = (a: Position, b: Position): boolean => (a.xid === b.xid ? a.id > b.id : a.xid > b.xid);

/** Reads the text of a Postgres snapshot, `xmin:xmax:xip,…`: says which transactions it sees. */
export function seenBy(snapshot: string): (xid: bigint) => boolean {
  const [xmin = '0', xmax = '0', running = ''] = snapshot.split(':');
  const open = new Set(running.split(',').filter(Boolean));
  return (xid) => xid < BigInt(xmin) || (xid < BigInt(xmax) && !open.has(xid.toString()));
}

/**
 * Hands new inbox messages to the subscriptions of this instance, whichever instance wrote them. One query for all
 * listeners, only while there are any, in the order of (xid, id) below the oldest running transaction: a row that
 * commits late is never stepped over. Polled rather than notified, since NOTIFY makes all commits of the database
 * queue.
 */
export class LiveFeed {
  private readonly listeners = new Set<Listener>();
  private readonly readers = new Set<LiveReader<InboxMessage>>();
  private running: Promise<void> | undefined;
  private stopped = false;
  private wake: () => void = () => undefined;

  constructor(private readonly parts: LiveFeedParts) {}

  /** Gives a person's messages that are written from now on, until the reader leaves or the feed stops. */
  listen(personId: string): AsyncIterableIterator<InboxMessage, undefined> {
    let listener: Listener | undefined;
    const reader = new LiveReader<InboxMessage>({
      valuesMax: UNREAD_MAX,
      onEnd: () => {
        this.readers.delete(reader);
        if (listener) this.listeners.delete(listener);
      },
    });
    if (this.stopped) {
      reader.end();
      return reader;
    }
    this.readers.add(reader);
    this.join(personId, reader).then(
      (joined) => (listener = joined),
      (error: unknown) => reader.end({ error }),
    );
    return reader;
  }

  /** Ends all subscriptions and the loop. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const reader of this.readers) reader.end();
    this.wake();
    await this.running;
  }

  private async join(personId: string, reader: LiveReader<InboxMessage>): Promise<Listener | undefined> {
    const [row]: { snapshot: string; xmin: string }[] = await this.parts.dataSource.query(
      `/* feed.snapshot */ SELECT pg_current_snapshot()::text AS snapshot,
        pg_snapshot_xmin(pg_current_snapshot())::text AS xmin`,
    );
    if (!this.readers.has(reader)) return undefined;
    // Ids of rows are above 0: before the first row of the oldest transaction that the snapshot may not see.
    const position = { xid: BigInt(row!.xmin), id: 0n };
    const listener: Listener = { personId, reader, seen: seenBy(row!.snapshot), position };
    this.listeners.add(listener);
    this.running ??= this.loop();
    return listener;
  }

  private async loop(): Promise<void> {
    while (!this.stopped && this.listeners.size > 0) {
      const more = await this.poll().catch((error: unknown) => {
        this.parts.log.warn({ error }, 'new messages could not be read');
        return false;
      });
      if (!more) await this.pause();
    }
    this.running = undefined;
  }

  private async pause(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.parts.pollMs ?? POLL_MS);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Reads what is new for the present listeners and hands it out; says whether there may be more at once. */
  private async poll(): Promise<boolean> {
    // Who joins while the query runs has a position of their own, and is looked after in the next round.
    const listeners = [...this.listeners];
    const from = listeners.map((listener) => listener.position).reduce((a, b) => (isAfter(a, b) ? b : a));
    const rows: (Partial<FeedRow> & { horizon: string })[] = await this.parts.dataSource.query(
      `/* feed.poll */ SELECT h.xid::text AS horizon, f.* FROM (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS xid) h
       LEFT JOIN LATERAL (
         SELECT l.xid::text AS "feedXid", l.id AS "feedId", ${INBOX_COLUMNS}
         FROM live_feed l JOIN notification n ON n.id = l."notificationId"
         WHERE (l.xid, l.id) > ($1::text::xid8, $2::bigint) AND l.xid < h.xid AND l."personId" = ANY($3::uuid[])
         ORDER BY l.xid, l.id LIMIT ${ROWS_MAX}) f ON true`,
      [from.xid.toString(), from.id.toString(), [...new Set(listeners.map((listener) => listener.personId))]],
    );
    const found = rows.filter((row): row is FeedRow & { horizon: string } => typeof row.feedXid === 'string');
    for (const row of found) this.handOut(listeners, row);
    const full = found.length === ROWS_MAX;
    const last = found.at(-1);
    const upTo =
      full && last ? { xid: BigInt(last.feedXid), id: last.feedId } : { xid: BigInt(rows[0]!.horizon), id: 0n };
    for (const listener of listeners) if (isAfter(upTo, listener.position)) listener.position = upTo;
    return full;
  }

  private handOut(listeners: readonly Listener[], row: FeedRow & { horizon: string }): void {
    const { feedXid, feedId, horizon: _horizon, ...stored } = row;
    const at = { xid: BigInt(feedXid), id: feedId };
    const takers = listeners.filter(
      (listener) => listener.personId === stored.personId && isAfter(at, listener.position) && !listener.seen(at.xid),
    );
    if (takers.length === 0) return;
    const message = this.parts.inbox.open(stored);
    for (const taker of takers) taker.reader.put(message);
  }

  /** Forgets feed rows that no subscription can still be waiting for. Gives how many, up to the limit. */
  async forget(before: Date, limit: number): Promise<number> {
    const rows: unknown[] = await this.parts.dataSource.query(
      `/* feed.forget */ WITH gone AS (
         DELETE FROM live_feed WHERE id IN (
           SELECT id FROM live_feed WHERE "createdAt" < $1 ORDER BY xid, id LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING
           1)
       SELECT 1 FROM gone`,
      [before, limit],
    );
    return rows.length;
  }
}
