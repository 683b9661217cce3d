import { inTransaction } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { BEGINNING, type ChainedTransaction, type Checkpoint, checkpointOf } from './checkpoint.chain';
import { FENCE, LAST_CHECKPOINT, NEXT_TRANSACTIONS } from './checkpoint.sql';

interface Fence {
  readonly at: string;
  readonly xmin: string;
  readonly xmax: string;
}

export interface CheckpointOptions {
  /** How long after its decision a transaction is closed over: far longer than any takes to commit. */
  readonly marginSeconds?: number;
  readonly transactionsMax?: number;
}

/**
 * Closes over what was posted, range by range, behind everything that may still commit. A transaction of the books reads the
 * clock under its own transaction id, or a moment before it gets one. So once all have ended that had an id at an instant,
 * nobody can add a transaction from well before that instant, and the range has no gap.
 */
export class Checkpoints {
  private fence: Fence | undefined;
  private settledAt: string | undefined;

  constructor(private readonly dataSource: DataSource, private readonly options: CheckpointOptions = {}) {}

  /** Writes the next checkpoint, if there is something to close over and no other instance does it. */
  async write(): Promise<Checkpoint | undefined> {
    const settledAt = await this.settled();
    return settledAt === undefined ? undefined : this.closeUntil(settledAt);
  }

  /** Gives the newest instant that every transaction of then has been left behind; undefined where none is known yet. */
  private async settled(): Promise<string | undefined> {
    const [now]: [Fence] = await this.dataSource.query(FENCE);
    this.fence ??= now;
    if (BigInt(now.xmin) >= BigInt(this.fence.xmax)) {
      this.settledAt = this.fence.at;
      this.fence = now;
    }
    return this.settledAt;
  }

  private async closeUntil(settledAt: string): Promise<Checkpoint | undefined> {
    const { marginSeconds = 60, transactionsMax = 1_000 } = this.options;
    return inTransaction(this.dataSource, async (tx) => {
      const [lease] = await tx.query(`/* checkpoints.lease */ SELECT pg_try_advisory_xact_lock(hashtext('tael/ledger/checkpoint')) AS ours`);
      if (!lease.ours) return undefined;
      const [last]: Checkpoint[] = await tx.query(LAST_CHECKPOINT);
      const from = last ? { at: last.untilAt, id: last.untilId } : BEGINNING;
      const found: ChainedTransaction[] = await tx.query(
        NEXT_TRANSACTIONS, [from.at, from.id, settledAt, marginSeconds, transactionsMax],
      );
      // What the folder has not come to is closed over next time, and all that follows with it.
      const open = found.findIndex(({ whole }) => !whole);
      const [first, ...rest] = open === -1 ? found : found.slice(0, open);
      if (!first) return undefined;
      const { number, untilAt, untilId, ids, digests, hash } = checkpointOf(last, [first, ...rest]);
      await tx.query(
        `/* checkpoints.write */ INSERT INTO ledger_checkpoint (number, "untilAt", "untilId", ids, digests, hash)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [String(number), untilAt, untilId, ids, digests, hash],
      );
      return { number, untilAt, untilId, ids, digests, hash };
    });
  }
}
