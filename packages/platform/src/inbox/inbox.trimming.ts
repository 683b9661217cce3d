import type { DataSource } from 'typeorm';
import type { Logger } from '../log';
import { startWorkLoop, type WorkLoop } from '../work-loop';

export type InboxTrimming = Pick<WorkLoop, 'stop'>;

export interface InboxTrimmingOptions {
  readonly dataSource: DataSource;
  readonly group: string;
  readonly log: Logger;
  /** How many days the inbox remembers, 30 unless told. */
  readonly days?: number;
}

const ROWS = 1_000;
const IDLE_MS = 300_000;

/** Starts forgetting inbox rows that are older than the bus would ever deliver again by itself, in small transactions. */
export function startInboxTrimming(options: InboxTrimmingOptions): InboxTrimming {
  const { log, group, days = 30 } = options;
  return startWorkLoop({
    name: `forgetting of the inbox of ${group}`,
    idleMs: IDLE_MS,
    log,
    // By the time of the database: a process whose clock is wrong must not forget what may be delivered again.
    work: async () => {
      const [row] = await options.dataSource.query<{ before: Date }[]>(
        `/* inbox.since */ SELECT now() - make_interval(days => $1) AS before`, [days],
      );
      return trimInbox(options.dataSource, group, { before: row!.before, limit: ROWS });
    },
  });
}

/**
 * Forgets up to `limit` inbox rows that were received before an instant. Gives how many. Ids of our events begin with
 * their time (UUIDv7), so the primary key finds the old ones, and no other index is kept for it.
 */
export async function trimInbox(
  dataSource: DataSource, group: string, { before, limit }: { before: Date; limit: number },
): Promise<number> {
  const rows: unknown[] = await dataSource.query(
    `/* inbox.trim */ WITH gone AS (
       DELETE FROM inbox WHERE consumer = $1 AND "eventId" IN (
         SELECT "eventId" FROM inbox WHERE consumer = $1 AND "eventId" < $2 AND "receivedAt" < $3
         ORDER BY "eventId" LIMIT $4 FOR UPDATE SKIP LOCKED)
       RETURNING 1) SELECT 1 FROM gone`,
    [group, idAt(before), before, limit],
  );
  return rows.length;
}

/** Gives the id that all UUIDv7 of an instant are above. */
function idAt(instant: Date): string {
  const hex = instant.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
