import { createHash } from 'node:crypto';
import { isCurrencyCode } from '@tael/money';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { isReference } from '../uploads/file-text.domain';
import { addChunk, type Chunk } from './history-chunk.service';
import { type HistoryImport, mayOpen, OPEN_MAX, type Step, stepFrom } from './history-import.domain';
import { tellEnded } from './history-import.emission';
import type { HistoryImportEntity } from './history-import.entity';
import { lockImports } from './history-import.lock';

/** The bank that asks, by the client whose token it is. */
export interface PartnerCaller {
  readonly partnerId: string;
  readonly clientId: string;
}

const COUNTS = `coalesce(i."keptAccounts", (SELECT count(*)::integer FROM history_account a WHERE a."importId" = i.id)) AS "accountCount",
  coalesce(i."keptOverdrawn", (SELECT count(*)::integer FROM history_account a WHERE a."importId" = i.id AND a.lowest < 0)) AS "overdrawnAccounts"`;

/**
 * Histories that banks bring: chunks are stored as they come, then tried as a whole (the dry run), then booked. A loop does the
 * long work in small transactions; whoever dies leaves it where it was. All statements name the bank.
 */
export class HistoryImportService {
  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer; now: () => Date }) {}

  /** Begins an import, or gives the one that this bank began under the reference. */
  async open(caller: PartnerCaller, command: { reference: string; currency: string }): Promise<Outcome<{ historyImport: HistoryImport }>> {
    const { reference, currency } = command;
    if (!isReference(reference)) return refuse('INVALID_INPUT', ['input', 'reference'], 'CHARACTERS');
    if (!isCurrencyCode(currency)) return refuse('INVALID_INPUT', ['input', 'currency'], 'UNKNOWN_CURRENCY');
    const may = await inTransaction(this.parts.dataSource, async (tx): Promise<Outcome<object>> => {
      await lockImports(tx, caller.partnerId);
      const [known] = await tx.query('/* history.known */ SELECT 1 FROM history_import WHERE "partnerId" = $1 AND reference = $2', [caller.partnerId, reference]);
      if (known) return { ok: true };
      const open: unknown[] = await tx.query(`/* history.uploading */ SELECT 1 FROM history_import WHERE "partnerId" = $1 AND status = 'UPLOADING' LIMIT $2`, [caller.partnerId, OPEN_MAX]);
      const allowed = mayOpen(open.length);
      if (allowed.ok) await this.begin(tx, caller, { reference, currency });
      return allowed;
    });
    if (!may.ok) return may;
    const [found]: HistoryImport[] = await this.parts.dataSource.query(
      `/* history.byReference */ SELECT i.*, ${COUNTS} FROM history_import i WHERE "partnerId" = $1 AND reference = $2`, [caller.partnerId, reference],
    );
    return found!.currency === currency ? { ok: true, historyImport: found! } : refuse('IDEMPOTENCY_KEY_REUSED', ['input', 'reference']);
  }

  private async begin(tx: Tx, caller: PartnerCaller, { reference, currency }: { reference: string; currency: string }): Promise<void> {
    await tx.query(
      `/* history.open */ INSERT INTO history_import (id, "partnerId", "clientId", reference, currency, status, "nextChunk", "nextLine",
         "lineCount", "problemCount", "checkedAccounts", "appliedLines", "appliedThrough", "createdAt", "heardAt")
       VALUES ($1, $2, $3, $4, $5, 'UPLOADING', 0, 1, 0, 0, 0, 0, 0, $6, $6) ON CONFLICT ("partnerId", reference) DO NOTHING`,
      [uuidv7(), caller.partnerId, caller.clientId, reference, currency, this.parts.now()],
    );
  }

  /** Takes the next chunk of whole lines. One that was taken before is passed over; the answer says which is due. */
  async add(caller: PartnerCaller, importId: string, chunk: Chunk): Promise<Outcome<{ historyImport: HistoryImport }>> {
    const now = this.parts.now();
    const today = now.toISOString().slice(0, 10);
    return this.step(caller, importId, 'ADD', (tx, found) =>
      addChunk(tx, found, { ...chunk, digest: createHash('sha256').update(chunk.text).digest(), today, now, sealer: this.parts.sealer }));
  }

  /** Ends the upload and begins the dry run. */
  async check(caller: PartnerCaller, importId: string): Promise<Outcome<{ historyImport: HistoryImport }>> {
    return this.step(caller, importId, 'CHECK', async (tx, found) => {
      if (found.lineCount === 0 && found.problemCount === 0) return refuse('INVALID_INPUT', ['input', 'importId'], 'EMPTY');
      // What cannot be read has no balance to follow from: then the rest is not worth trying.
      return found.problemCount > 0 ? this.to(tx, found.id, 'REFUSED') : this.to(tx, found.id, 'CHECKING');
    });
  }

  /** Begins the booking of what the dry run found good. Accounts below zero get a floor that lets them, if the bank says so. */
  async apply(caller: PartnerCaller, command: { importId: string; allowOverdraft: boolean }): Promise<Outcome<{ historyImport: HistoryImport }>> {
    return this.step(caller, command.importId, 'APPLY', async (tx, found) => {
      const [below] = await tx.query('/* history.below */ SELECT 1 FROM history_account WHERE "importId" = $1 AND lowest < 0 LIMIT 1', [found.id]);
      if (below && !command.allowOverdraft) return refuse('NOT_ALLOWED', ['input', 'allowOverdraft'], 'OVERDRAFT_NEEDED');
      return this.to(tx, found.id, 'APPLYING');
    });
  }

  /** Gives an import up that is not booked: the next may begin. */
  discard(caller: PartnerCaller, importId: string): Promise<Outcome<{ historyImport: HistoryImport }>> {
    return this.step(caller, importId, 'DISCARD', (tx, found) => this.to(tx, found.id, 'DISCARDED'));
  }

  /** Gives an import of the bank; undefined for another bank's and for none. */
  async read({ partnerId }: Pick<PartnerCaller, 'partnerId'>, importId: string): Promise<HistoryImport | undefined> {
    const id = uuidOf(importId);
    if (!id) return undefined;
    const [found]: HistoryImport[] = await this.parts.dataSource.query(
      `/* history.read */ SELECT i.*, ${COUNTS} FROM history_import i WHERE i.id = $1 AND i."partnerId" = $2`, [id, partnerId],
    );
    return found;
  }

  /** Gives a page of what is wrong, in the order of the file, and one more if there is one. */
  problems({ id, partnerId }: HistoryImport, page: { limit: number; after?: number | undefined }): Promise<{ line: number; code: string }[]> {
    return this.parts.dataSource.query(
      `/* history.problems */ SELECT p.line, p.code FROM history_problem p JOIN history_import i ON i.id = p."importId" AND i."partnerId" = $4
       WHERE p."importId" = $1 AND p.line > $2 ORDER BY p.line LIMIT $3`, [id, page.after ?? 0, page.limit + 1, partnerId],
    );
  }

  private async step(
    caller: PartnerCaller, importId: string, step: Step, work: (tx: Tx, found: HistoryImportEntity) => Promise<Outcome<object>>,
  ): Promise<Outcome<{ historyImport: HistoryImport }>> {
    const id = uuidOf(importId);
    const field = ['input', 'importId'];
    if (!id) return refuse('NOT_FOUND', field);
    const done = await inTransaction(this.parts.dataSource, async (tx): Promise<Outcome<object>> => {
      // Of two that begin at once, one is told that the other is under way.
      await lockImports(tx, caller.partnerId);
      const [found]: HistoryImportEntity[] = await tx.query(
        '/* history.take */ SELECT * FROM history_import WHERE id = $1 AND "partnerId" = $2 FOR NO KEY UPDATE', [id, caller.partnerId],
      );
      if (!found) return refuse('NOT_FOUND', field);
      const next = stepFrom(found.status, step);
      if (next === undefined) return refuse('NOT_ALLOWED', field, 'IMPORT_STATUS');
      if (next === found.status && step !== 'ADD') return { ok: true };
      if (next === 'CHECKING' && (await this.otherUnderWay(tx, found))) return refuse('NOT_ALLOWED', field, 'IMPORT_UNDER_WAY');
      return work(tx, found);
    });
    return done.ok ? { ok: true, historyImport: (await this.read(caller, id))! } : done;
  }

  private async otherUnderWay(tx: Tx, { id, partnerId }: HistoryImportEntity): Promise<boolean> {
    const rows: unknown[] = await tx.query(
      `/* history.underWay */ SELECT 1 FROM history_import WHERE "partnerId" = $1 AND id <> $2 AND status IN ('CHECKING', 'CHECKED', 'APPLYING')`,
      [partnerId, id],
    );
    return rows.length > 0;
  }

  private async to(tx: Tx, id: string, status: 'CHECKING' | 'REFUSED' | 'APPLYING' | 'DISCARDED'): Promise<Outcome<object>> {
    await tx.query(
      `/* history.to */ UPDATE history_import SET status = $2, "heardAt" = $3, "endedAt" = CASE WHEN $2 IN ('REFUSED', 'DISCARDED') THEN $3::timestamptz END WHERE id = $1`,
      [id, status, this.parts.now()],
    );
    if (status === 'REFUSED') await tellEnded(tx, id, this.parts.now());
    return { ok: true };
  }
}
