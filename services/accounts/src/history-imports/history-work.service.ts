import type { CurrencyCode } from '@tael/money';
import { DatabaseUnavailable, inTransaction, ranOutOfTime, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { partnerClearingId } from '../ledger/account.ids';
import { openPartnerAccounts, postBatch } from '../ledger/ledger.service';
import { tellEnded } from './history-import.emission';
import type { HistoryImportEntity } from './history-import.entity';
import { CHECK_ACCOUNTS, CLEARING_FULL, FULL_ACCOUNTS } from './history-import.sql';
import { PROBLEMS_KEPT } from './history-chunk.service';
import { noteFault, undoSome } from './history-undo.service';

/** Accounts that one transaction of the dry run looks at, and lines of each; and lines that one transaction books. */
const CHECK_ROUND = 20;
const CHECK_LINES = 5_000;
const APPLY_ROUND = 500;

interface Line {
  readonly id: string;
  readonly line: number;
  readonly accountId: string;
  readonly amount: bigint;
}

type Work = Pick<HistoryImportEntity, 'id' | 'partnerId' | 'currency' | 'status' | 'problemCount' | 'appliedThrough' | 'undoing'>;

/** The long work of imports, in transactions of a fraction of a second: each leaves the import further, or as it was. */
export class HistoryWorkService {
  constructor(private readonly parts: { dataSource: DataSource; now: () => Date }) {}

  /**
   * Does one piece of the work of one import that nobody else has in hand, of any: one that fails rests, and holds no other bank's up. Gives 1,
   * or 0 where there is none.
   */
  async work(): Promise<number> {
    let held: string | undefined;
    try {
      return await inTransaction(this.parts.dataSource, async (tx) => {
        const [found]: Work[] = await tx.query(
          `/* history.work */ SELECT id, "partnerId", currency, status, "problemCount", "appliedThrough", undoing FROM history_import
           WHERE status IN ('CHECKING', 'APPLYING') AND ("lookAt" IS NULL OR "lookAt" <= $1) ORDER BY random() LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED`,
          [this.parts.now()],
        );
        held = found?.id;
        if (!found) return 0;
        if (found.undoing) await undoSome(tx, found, this.parts.now());
        else if (found.status === 'CHECKING') await this.check(tx, found);
        else await this.apply(tx, found);
        return 1;
      });
    } catch (error) {
      // A database that is away is no fault of the import's.
      if (held && !(error instanceof DatabaseUnavailable)) {
        await noteFault(this.parts.dataSource, held, this.parts.now(), { inTime: !ranOutOfTime(error) });
      }
      throw error;
    }
  }

  private async check(tx: Tx, work: Work): Promise<void> {
    const { id, problemCount } = work;
    const kept = Math.max(0, PROBLEMS_KEPT - problemCount);
    const [{ accounts, ended, problems }]: [{ accounts: number; ended: number; problems: number }] = await tx.query(
      CHECK_ACCOUNTS, [id, CHECK_ROUND, kept, CHECK_LINES],
    );
    const wrong = accounts > 0 ? problems : await this.checkClearing(tx, work);
    const ends = accounts === 0 && problemCount + wrong > 0;
    await tx.query(
      `/* history.checked */ UPDATE history_import SET "checkedAccounts" = "checkedAccounts" + $2, "problemCount" = "problemCount" + $3, faults = 0, "lookAt" = NULL,
         status = CASE WHEN $6 THEN status WHEN $5 THEN 'REFUSED' ELSE 'CHECKED' END,
         "endedAt" = CASE WHEN $5 THEN $4::timestamptz END WHERE id = $1`,
      [id, ended, wrong, this.parts.now(), ends, accounts > 0],
    );
    if (ends) await tellEnded(tx, id, this.parts.now());
  }

  /** Once all accounts are looked at: whether they are too much together. Gives how many problems that is. */
  private async checkClearing(tx: Tx, { id, partnerId, currency }: Work): Promise<number> {
    const [{ full }]: [{ full: boolean }] = await tx.query(CLEARING_FULL, [id, partnerClearingId(partnerId, currency)]);
    if (full) await tx.query(`/* history.tooMuch */ INSERT INTO history_problem ("importId", line, code) VALUES ($1, 1, 'TURNOVER') ON CONFLICT DO NOTHING`, [id]);
    return full ? 1 : 0;
  }

  private async apply(tx: Tx, work: Work): Promise<void> {
    const lines: Line[] = await tx.query(
      '/* history.next */ SELECT id, line, "accountId", amount FROM history_line WHERE "importId" = $1 AND line > $2 ORDER BY line LIMIT $3',
      [work.id, work.appliedThrough, APPLY_ROUND],
    );
    if (lines.length === 0) return this.finish(tx, work);
    const { partnerId, currency } = work;
    const accountIds = [...new Set(lines.map(({ accountId }) => accountId))];
    const floors: { id: string; floor: bigint }[] = await tx.query(
      `/* history.floors */ SELECT "accountId" AS id, least(lowest, 0) AS floor FROM history_account WHERE "importId" = $1 AND "accountId" = ANY ($2::uuid[])`,
      [work.id, accountIds],
    );
    await openPartnerAccounts(tx, { partnerId, currency, accounts: floors });
    await this.book(tx, { partnerId, currency, lines });
    await tx.query(
      '/* history.booked */ UPDATE history_import SET "appliedThrough" = $2, "appliedLines" = "appliedLines" + $3, faults = 0, "lookAt" = NULL WHERE id = $1',
      [work.id, lines.at(-1)!.line, lines.length],
    );
  }

  private async book(tx: Tx, { partnerId, currency, lines }: { partnerId: string; currency: CurrencyCode; lines: readonly Line[] }): Promise<void> {
    const clearing = partnerClearingId(partnerId, currency);
    const [{ at }]: [{ at: string }] = await tx.query('/* history.at */ SELECT clock_timestamp()::text AS at');
    await postBatch(tx, at, lines.map(({ id, accountId, amount }) => {
      const size = amount < 0n ? -amount : amount;
      const leg = amount < 0n ? { debit: accountId, credit: clearing, amount: size } : { debit: clearing, credit: accountId, amount: size };
      return { id, kind: amount < 0n ? 'HISTORY_DEBIT' as const : 'HISTORY_CREDIT' as const, currency, amount: size, personId: partnerId, walletId: accountId, legs: [leg] };
    }));
    const [, told]: [unknown[], number] = await tx.query(
      `/* history.versions */ UPDATE history_line l SET version = e."accountVersion" FROM entry e
       WHERE l.id = ANY ($1::uuid[]) AND e."txId" = l.id AND e."accountId" = l."accountId" AND e."postedAfter" = l."balanceAfter"`,
      [lines.map(({ id }) => id)],
    );
    const full: unknown[] = await tx.query(FULL_ACCOUNTS, [[clearing, ...new Set(lines.map(({ accountId }) => accountId))]]);
    if (full.length > 0) throw new Error('an account would move more than the books hold');
    // The dry run found every balance right, and nothing else moves these accounts: this is the last fence.
    if (told !== lines.length) throw new Error(`${lines.length - told} lines do not leave the balance that their bank says`);
  }

  /** All lines are booked: the accounts open together. */
  private async finish(tx: Tx, { id }: Work): Promise<void> {
    const now = this.parts.now();
    const wrong: unknown[] = await tx.query(
      `/* history.ends */ SELECT 1 FROM history_account h LEFT JOIN account a ON a.id = h."accountId"
       WHERE h."importId" = $1 AND a."creditsPosted" - a."debitsPosted" IS DISTINCT FROM h.closing LIMIT 1`,
      [id],
    );
    if (wrong.length > 0) throw new Error(`the import ${id} does not end at the balances of its bank`);
    await tx.query(
      `/* history.openAccounts */ UPDATE partner_account p SET "openedAt" = coalesce(p."openedAt", $2) FROM history_account h
       WHERE h."importId" = $1 AND p.id = h."accountId" AND p."openedAt" IS NULL`,
      [id, now],
    );
    await tx.query(`/* history.done */ UPDATE history_import SET status = 'DONE', "endedAt" = $2 WHERE id = $1`, [id, now]);
    await tellEnded(tx, id, now);
  }
}
