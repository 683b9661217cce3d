import type { EventData } from '@tael/events';
import type { Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';

/** Keeps what merchants are called. */
export class MerchantService {
  constructor(private readonly sealer: Sealer) {}

  /** Keeps a merchant's newest state; messages that waited for its name become due. */
  async change(tx: Tx, merchant: EventData<'merchant.changed'>, now: Date): Promise<void> {
    this.sealer.open(merchant.name, merchant.merchantId);
    await tx.query(
      `/* merchant.change */ INSERT INTO merchant AS known (id, version, name, "categoryCode") VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET version = excluded.version, name = excluded.name, "categoryCode" =
       excluded."categoryCode"
       WHERE known.version < excluded.version`,
      [merchant.merchantId, merchant.version, merchant.name, merchant.categoryCode],
    );
    await tx.query(
      `/* merchant.release */ UPDATE intent SET "dueAt" = $2
       WHERE "merchantId" = $1 AND status = 'OPEN' AND reason = 'NAME_UNKNOWN'`,
      [merchant.merchantId, now],
    );
  }

  /** Gives a merchant's name, or null where it is not known yet. */
  async nameOf(tx: Tx, id: string): Promise<string | null> {
    const [row]: { name: string }[] = await tx.query('/* merchant.name */ SELECT name FROM merchant WHERE id = $1', [
      id,
    ]);
    return row ? this.sealer.open(row.name, id) : null;
  }
}
