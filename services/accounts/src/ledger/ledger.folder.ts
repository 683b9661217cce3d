import type { Logger } from '@tael/platform/log';
import { inTransaction, isDataFault, onCommit } from '@tael/platform/postgres';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { DataSource } from 'typeorm';

const IDLE_MS = 100;
const ROWS_MAX = 2_000;
const QUIET_MS = 500;
const RETRY_MS = 60_000;

/**
 * Accounts after $3 that have deltas, without those of $1, at most $2: a probe of the index for each. Those that are left out may have millions, which
 * a look at the deltas themselves would read through each time.
 */
const ACCOUNTS_WAITING = `
  WITH RECURSIVE waiting AS (
    (SELECT "accountId" AS id FROM pending_delta WHERE "accountId" > $3 ORDER BY "accountId" LIMIT 1)
    UNION ALL SELECT (SELECT d."accountId" FROM pending_delta d WHERE d."accountId" > w.id ORDER BY d."accountId" LIMIT 1) FROM waiting w WHERE w.id IS NOT NULL
  ) SELECT id FROM waiting WHERE id IS NOT NULL AND id <> ALL ($1::uuid[]) LIMIT $2`;
const ACCOUNTS_MAX = 2_000;
const FIRST = '00000000-0000-0000-0000-000000000000';
const ANY_WAITING = 'SELECT FROM pending_delta LIMIT 1';

/** Where a pass over single accounts begins: after the account that the last one ended with, or those with high ids would wait behind busy ones. */
export interface Turn {
  after: string;
}
export const firstTurn = (): Turn => ({ after: FIRST });

/**
 * Moves deferred accounts by what was appended, until nothing is left. Gives how many deltas it folded. An account whose deltas cannot be
 * folded joins `apart`, by its id with the fault: its deltas stay, and those of the others are folded without them, account by account, at
 * most `accountsMax` a pass from `turn` on.
 */
export async function foldOnce(
  dataSource: DataSource, apart: Map<string, unknown> = new Map(), { turn = firstTurn(), accountsMax = ACCOUNTS_MAX } = {},
): Promise<number> {
  if (apart.size > 0) return foldApart(dataSource, apart, turn, accountsMax);
  try {
    return await underLease(dataSource, '/* ledger.fold */ SELECT ledger_fold($1) AS folded', [ROWS_MAX]);
  } catch (error) {
    if (!isDataFault(error)) throw error;
    return foldApart(dataSource, apart, turn, accountsMax);
  }
}

/** Folds accounts one by one, and finds those that cannot be folded. */
async function foldApart(dataSource: DataSource, apart: Map<string, unknown>, turn: Turn, accountsMax: number): Promise<number> {
  const accounts: { id: string }[] = await dataSource.query(`/* ledger.fold.accounts */ ${ACCOUNTS_WAITING}`, [[...apart.keys()], accountsMax, turn.after]);
  let folded = 0;
  for (const { id } of accounts) {
    try {
      folded += await underLease(dataSource, '/* ledger.fold.account */ SELECT ledger_fold_account($1, $2) AS folded', [ROWS_MAX, id]);
    } catch (error) {
      if (!isDataFault(error)) throw error;
      apart.set(id, error);
    }
  }
  turn.after = accounts.length < accountsMax ? FIRST : accounts.at(-1)!.id;
  return folded;
}

async function underLease(dataSource: DataSource, sql: string, values: unknown[]): Promise<number> {
  return inTransaction(dataSource, async (tx) => {
    const [lease] = await tx.query(`/* ledger.fold.lease */ SELECT pg_try_advisory_xact_lock(hashtext('tael/ledger/fold')) AS ours`);
    if (!lease.ours) return 0;
    const [result] = await tx.query(sql, values);
    return result.folded;
  });
}

/**
 * Folds in the background: of several instances the one that holds the lease works, a pass at a time. It is not well while accounts are
 * left out; they are tried again every `retryMs`.
 */
export function startFolder(dataSource: DataSource, log: Logger, { retryMs = RETRY_MS } = {}): WorkLoop {
  let apart = new Map<string, unknown>();
  let retryAt = Infinity;
  const turn = firstTurn();

  async function fold(): Promise<number> {
    const now = performance.now();
    const again = now >= retryAt;
    // A copy: a pass that ends by another fault, a time-out perhaps, leaves nobody out of whom nothing was said.
    const tried = new Map(again ? [] : apart);
    const known = tried.size;
    const folded = await foldOnce(dataSource, tried, { turn });
    if (tried.size > known) {
      const accounts = [...tried].map(([accountId, error]) => ({ accountId, error: String(error) }));
      log.error({ accounts }, 'accounts are left out of folding: their deltas cannot be folded');
    }
    if (again || tried.size > known) retryAt = tried.size > 0 ? now + retryMs : Infinity;
    apart = tried;
    return folded;
  }

  const loop = startWorkLoop({
    name: 'folding',
    idleMs: IDLE_MS,
    quiet: { maxMs: QUIET_MS, woken: (wake) => onCommit(dataSource, wake) },
    log,
    work: async () => {
      // Looked at without a transaction: the commit of one would wake the relay for nothing, ten times a second.
      const without = performance.now() < retryAt ? [...apart.keys()] : [];
      const waiting: unknown[] = without.length > 0
        ? await dataSource.query(`/* ledger.fold.lookApart */ ${ACCOUNTS_WAITING}`, [without, 1, FIRST])
        : await dataSource.query(`/* ledger.fold.look */ ${ANY_WAITING}`);
      if (waiting.length === 0) {
        if (performance.now() >= retryAt) [apart, retryAt] = [new Map(), Infinity];
        return 0;
      }
      const folded = await fold();
      // A full pass means that there is more; after any other the next postings may gather first.
      return folded >= ROWS_MAX ? folded : 0;
    },
  });
  return {
    stop: () => loop.stop(),
    health: () => (apart.size === 0 ? loop.health() : { ready: false, cause: `the deltas of these accounts cannot be folded: ${[...apart.keys()].join(', ')}` }),
  };
}
