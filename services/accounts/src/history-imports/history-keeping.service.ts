import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { SILENT_DAYS } from './history-import.domain';
import { lockImports } from './history-import.lock';

/** Rows that one transaction removes. */
const PIECE = 5_000;
const DAY_MS = 86_400_000;

interface Found {
  readonly id: string;
  readonly partnerId: string;
}

/**
 * Ends the keeping of imports that came to nothing: what they brought of people goes, piece by piece, and what the bank reads of them
 * stays. A line that the books have entries of stays too, also one that was taken back: statements count these entries by it.
 */
export class HistoryKeepingService {
  constructor(private readonly parts: { dataSource: DataSource; now: () => Date }, private readonly piece = PIECE) {}

  /** Does one piece, of any import that nobody else has in hand. Gives 1, or 0 where there is none. */
  async work(): Promise<number> {
    const silentSince = new Date(this.parts.now().getTime() - SILENT_DAYS * DAY_MS);
    const [found]: Found[] = await this.parts.dataSource.query(
      `/* history.toClear */ SELECT id, "partnerId" FROM history_import WHERE "clearedAt" IS NULL AND (status IN ('REFUSED', 'DISCARDED')
         OR (status IN ('UPLOADING', 'CHECKED') AND "heardAt" < $1)) ORDER BY random() LIMIT 1`,
      [silentSince],
    );
    if (!found) return 0;
    await inTransaction(this.parts.dataSource, async (tx) => {
      // Before the row, as whoever goes on with an import does: the bank may be back just now, or name these accounts again.
      await lockImports(tx, found.partnerId);
      const [held]: { status: string; silent: boolean }[] = await tx.query(
        `/* history.clearing */ SELECT status, status IN ('UPLOADING', 'CHECKED') AND "heardAt" < $2 AS silent FROM history_import
         WHERE id = $1 AND "clearedAt" IS NULL FOR NO KEY UPDATE`,
        [found.id, silentSince],
      );
      if (held?.silent) await this.giveUp(tx, found.id);
      else if (held?.status === 'REFUSED' || held?.status === 'DISCARDED') await this.clear(tx, found.id);
    });
    return 1;
  }

  private async giveUp(tx: Tx, id: string): Promise<void> {
    await tx.query(`/* history.silent */ UPDATE history_import SET status = 'DISCARDED', "endedAt" = $2 WHERE id = $1`, [id, this.parts.now()]);
  }

  private async clear(tx: Tx, id: string): Promise<void> {
    await tx.query(
      `/* history.keepCounts */ UPDATE history_import SET "keptAccounts" = c.accounts, "keptOverdrawn" = c.overdrawn
       FROM (SELECT count(*)::integer AS accounts, (count(*) FILTER (WHERE lowest < 0))::integer AS overdrawn FROM history_account WHERE "importId" = $1) c
       WHERE id = $1 AND "keptAccounts" IS NULL`,
      [id],
    );
    if ((await this.clearLines(tx, id)) || (await this.clearAccounts(tx, id)) || (await this.clearChunks(tx, id))) return;
    await tx.query('/* history.cleared */ UPDATE history_import SET "clearedAt" = $2 WHERE id = $1', [id, this.parts.now()]);
  }

  /** From the last on: lines are booked in their order, so those before a booked one were booked too. */
  private async clearLines(tx: Tx, id: string): Promise<boolean> {
    const [, cleared]: [unknown, number] = await tx.query(
      `/* history.clearLines */ DELETE FROM history_line WHERE id IN (
         SELECT l.id FROM (SELECT id FROM history_line WHERE "importId" = $1 ORDER BY line DESC LIMIT $2) l
         WHERE NOT EXISTS (SELECT FROM ledger_tx t WHERE t.id = l.id))`,
      [id, this.piece],
    );
    return cleared > 0;
  }

  /** Accounts that no import names any more, and that the books do not know, were never the bank's with us. */
  private async clearAccounts(tx: Tx, id: string): Promise<boolean> {
    const [gone]: [{ accountId: string }[], number] = await tx.query(
      `/* history.clearNamed */ DELETE FROM history_account WHERE "importId" = $1 AND "accountId" IN (
         SELECT a."accountId" FROM history_account a WHERE a."importId" = $1
           AND NOT EXISTS (SELECT FROM history_line l WHERE l."accountId" = a."accountId" AND l."importId" = $1) LIMIT $2) RETURNING "accountId"`,
      [id, this.piece],
    );
    if (gone.length === 0) return false;
    await tx.query(
      `/* history.clearAccounts */ DELETE FROM partner_account p WHERE p.id = ANY ($1::uuid[]) AND p."openedAt" IS NULL
         AND NOT EXISTS (SELECT FROM history_account h WHERE h."accountId" = p.id) AND NOT EXISTS (SELECT FROM history_line l WHERE l."accountId" = p.id)
         AND NOT EXISTS (SELECT FROM account a WHERE a.id = p.id)`,
      [gone.map(({ accountId }) => accountId)],
    );
    return true;
  }

  private async clearChunks(tx: Tx, id: string): Promise<boolean> {
    const [, cleared]: [unknown, number] = await tx.query(
      `/* history.clearChunks */ DELETE FROM history_chunk WHERE "importId" = $1 AND number IN (
         SELECT number FROM history_chunk WHERE "importId" = $1 ORDER BY number LIMIT $2)`,
      [id, this.piece],
    );
    return cleared > 0;
  }
}
