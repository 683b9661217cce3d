import { type Tx, waitWithoutEnd } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { type NotedCheckpoint, verifyChain } from '../checkpoints/checkpoint.verification';
import { BOOKS_CHECKS } from './verification.checks';

export interface CheckResult {
  readonly name: string;
  readonly breaches: bigint;
  /** The first of them, in words. */
  readonly examples: readonly string[];
}

/** How much there is to be proved. */
export interface BooksSizes {
  readonly accounts: bigint;
  readonly transactions: bigint;
  readonly postings: bigint;
  /** What was appended to deferred accounts and not folded when the snapshot was taken. */
  readonly unfolded: bigint;
}

export interface BooksReport extends BooksSizes {
  readonly sound: boolean;
  readonly checks: readonly CheckResult[];
  /** The end of the chain of checkpoints, to be noted somewhere else; undefined where there is none yet. */
  readonly checkpoint: NotedCheckpoint | undefined;
}

/** Is told what is known while the proof goes on: of large books each check takes minutes. */
export interface BooksWatcher {
  sizes(sizes: BooksSizes): void;
  checked(result: CheckResult): void;
}

const EXAMPLES = 5;

const CHAIN = 'every transaction is as it was when a checkpoint closed over it';

/**
 * Proves the books in one snapshot, beside running payments: it locks nothing and has no transaction id of its own. Where a
 * checkpoint is given that was noted elsewhere, the chain must still have it.
 */
export async function verifyBooks(dataSource: DataSource, noted?: NotedCheckpoint, watcher?: BooksWatcher): Promise<BooksReport> {
  return dataSource.transaction('REPEATABLE READ', async (tx) => {
    const watchAgain = await waitWithoutEnd(tx.queryRunner!);
    try {
      return await verify(tx, noted, watcher);
    } finally {
      watchAgain();
    }
  });
}

async function verify(tx: Tx, noted: NotedCheckpoint | undefined, watcher: BooksWatcher | undefined): Promise<BooksReport> {
  await tx.query('/* verify.begin */ SET TRANSACTION READ ONLY');
  // Whoever may change the rows could also put a function of theirs before one of Postgres.
  await tx.query('/* verify.names */ SET LOCAL search_path = pg_catalog, public');
  // The checks read whole tables.
  await tx.query('/* verify.plan */ SET LOCAL enable_seqscan = on');
  await tx.query('/* verify.time */ SET LOCAL statement_timeout = 0');
  await tx.query('/* verify.idle */ SET LOCAL idle_in_transaction_session_timeout = 0');
  const [sizes]: [BooksSizes] = await tx.query(
    `/* verify.sizes */ SELECT (SELECT count(*) FROM account) AS accounts, (SELECT count(*) FROM ledger_tx) AS transactions,
       (SELECT count(*) FROM posting) AS postings, (SELECT count(*) FROM pending_delta) AS unfolded`,
  );
  watcher?.sizes(sizes);
  const checks: CheckResult[] = [];
  const done = (result: CheckResult): void => {
    checks.push(result);
    watcher?.checked(result);
  };
  for (const { name, sql } of BOOKS_CHECKS) {
    const rows: { breach: string; all: bigint }[] = await tx.query(
      `/* verify.check */ SELECT breach, count(*) OVER () AS all FROM (${sql}) q LIMIT ${EXAMPLES}`,
    );
    done({ name, breaches: rows[0]?.all ?? 0n, examples: rows.map((row) => row.breach) });
  }
  const { misfits, last } = await verifyChain(tx, noted);
  done({ name: CHAIN, breaches: BigInt(misfits.length), examples: misfits.slice(0, EXAMPLES) });
  return { ...sizes, sound: checks.every((check) => check.breaches === 0n), checks, checkpoint: last };
}
