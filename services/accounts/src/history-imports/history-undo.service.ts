import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { partnerClearingId } from '../ledger/account.ids';
import { postBatch } from '../ledger/ledger.service';
import { isGivenUp, pauseAfter } from './history-import.domain';
import { tellEnded } from './history-import.emission';
import type { HistoryImportEntity } from './history-import.entity';
import { FLOORS_BACK } from './history-import.sql';

/** Lines that one transaction takes back. */
const ROUND = 500;

type Undone = Pick<HistoryImportEntity, 'id' | 'partnerId' | 'currency' | 'appliedThrough'>;

/** Counts a try that failed. The import rests, the longer the more of them; after some, what is booked of it is taken back. */
export async function noteFault(dataSource: DataSource, id: string, now: Date, how: { inTime: boolean }): Promise<void> {
  await inTransaction(dataSource, async (tx) => {
    const [found]: Pick<HistoryImportEntity, 'faults' | 'undoing'>[] = await tx.query(
      `/* history.faulty */ SELECT faults, undoing FROM history_import WHERE id = $1 AND status IN ('CHECKING', 'APPLYING') FOR NO KEY UPDATE`, [id],
    );
    if (!found) return;
    const faults = found.faults + 1;
    const undone = !found.undoing && isGivenUp(faults, how);
    await tx.query(
      '/* history.fault */ UPDATE history_import SET faults = $2, "lookAt" = $3, undoing = undoing OR $4 WHERE id = $1',
      [id, undone ? 0 : faults, undone ? null : new Date(now.getTime() + pauseAfter(faults)), undone],
    );
    if (undone) {
      await tx.query(
        `/* history.notBooked */ INSERT INTO history_problem ("importId", line, code)
         SELECT id, coalesce((SELECT min(l.line) FROM history_line l WHERE l."importId" = i.id AND l.line > i."appliedThrough"), i."appliedThrough"), 'NOT_BOOKED'
         FROM history_import i WHERE id = $1 ON CONFLICT DO NOTHING`, [id],
      );
    }
  });
}

/**
 * Takes back some of what an import has booked, the last first, so that no balance is one that it was not before; then the import is
 * REFUSED and has brought nothing. A line that is taken back has no version any more, so no statement shows it, or its reversal.
 */
export async function undoSome(tx: Tx, work: Undone, now: Date): Promise<void> {
  const { id: importId, partnerId, currency } = work;
  const lines: { id: string; line: number; accountId: string; amount: bigint }[] = await tx.query(
    `/* history.undoNext */ SELECT id, line, "accountId", amount FROM history_line WHERE "importId" = $1 AND line <= $2 AND version IS NOT NULL
     ORDER BY line DESC LIMIT $3`,
    [importId, work.appliedThrough, ROUND],
  );
  if (lines.length === 0) return end(tx, work, now);
  const clearing = partnerClearingId(partnerId, currency);
  const [{ at }]: [{ at: string }] = await tx.query('/* history.at */ SELECT clock_timestamp()::text AS at');
  await postBatch(tx, at, lines.map(({ id, accountId, amount }) => {
    const size = amount < 0n ? -amount : amount;
    const leg = amount < 0n ? { debit: clearing, credit: accountId, amount: size } : { debit: accountId, credit: clearing, amount: size };
    return {
      id: uuidv7(), kind: amount < 0n ? 'HISTORY_CREDIT' as const : 'HISTORY_DEBIT' as const, currency, amount: size, personId: partnerId,
      walletId: accountId, parentId: id, externalRef: `history-undo:${id}`, legs: [leg],
    };
  }));
  await tx.query('/* history.undoLines */ UPDATE history_line SET version = NULL WHERE id = ANY ($1::uuid[])', [lines.map(({ id }) => id)]);
  await tx.query(FLOORS_BACK, [[...new Set(lines.map(({ accountId }) => accountId))], partnerId, importId]);
  await tx.query(
    `/* history.undone */ UPDATE history_import SET "appliedThrough" = $2, "appliedLines" = "appliedLines" - $3, faults = 0, "lookAt" = NULL WHERE id = $1`,
    [importId, lines.at(-1)!.line - 1, lines.length],
  );
}

async function end(tx: Tx, { id }: Undone, now: Date): Promise<void> {
  await tx.query(
    `/* history.refused */ UPDATE history_import SET status = 'REFUSED', undoing = false, "endedAt" = $2, "appliedThrough" = 0,
       "problemCount" = "problemCount" + 1 WHERE id = $1`, [id, now],
  );
  await tellEnded(tx, id, now);
}
