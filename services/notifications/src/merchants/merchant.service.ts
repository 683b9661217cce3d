import type { EventData } from '@tael/events';
import type { Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';

/** Keeps what merchants are called. */
export class MerchantService {
  constructor(private readonly sealer: Sealer) {}

  /**
   * Keeps a merchant's newest state; messages that waited for its name become due. A name whose key was destroyed is none:
   * the one that is known stays, and merchants tells the name again once its keys have turned.
   */
  async change(tx: Tx, merchant: EventData<'merchant.changed'>, now: Date): Promise<void> {
    const isLost = this.sealer.isLost(merchant.name);
    if (!isLost) this.sealer.open(merchant.name, merchant.merchantId);
    await tx.query(
      `/* merchant.change */ INSERT INTO merchant AS known (id, version, name, "categoryCode") VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = coalesce(excluded.name, known.name),
         "categoryCode" =
       excluded."categoryCode"
       WHERE known.version < excluded.version`,
      [merchant.merchantId, merchant.version, isLost ? null : merchant.name, merchant.categoryCode],
    );
    if (isLost) return;
    await tx.query(
      `/* merchant.release */ UPDATE intent SET "dueAt" = $2
       WHERE "merchantId" = $1 AND status = 'OPEN' AND reason = 'NAME_UNKNOWN'`,
      [merchant.merchantId, now],
    );
  }

  /** Gives the names of the merchants that are known, by id. */
  async namesOf(tx: Tx, ids: readonly string[]): Promise<Map<string, string>> {
    if (ids.length === 0) return new Map();
    const rows: { id: string; name: string }[] = await tx.query(
      '/* merchant.names */ SELECT id, name FROM merchant WHERE id = ANY($1::uuid[]) AND name IS NOT NULL',
      [ids],
    );
    return new Map(rows.map((row) => [row.id, this.sealer.open(row.name, row.id)]));
  }
}
