import type { CurrencyCode } from '@tael/money';
import type { DataSource } from 'typeorm';
import { STANDING_WRITE_OFFS } from './merchant-write-off.sql';

/** What a merchant owes after its last batch. */
export interface Owing {
  readonly inflowId: string;
  readonly merchantId: string;
  readonly currency: CurrencyCode;
  readonly owed: bigint;
  /** What was written off of it and waits for the next batch. */
  readonly writtenOff: bigint;
  readonly since: Date;
}

/** Lists merchants that owe. */
export class OwingService {
  constructor(private readonly parts: { readonly dataSource: DataSource }) {}

  /** Gives merchants that owe in a currency, who owes most first, after a position of both. */
  list(currency: CurrencyCode, { after, limit }: { after: { owed: bigint; inflowId: string } | undefined; limit: number }): Promise<Owing[]> {
    return this.parts.dataSource.query(
      `/* settlements.owing */ SELECT c."inflowId", c."merchantId", c.currency, c.owed, ${STANDING_WRITE_OFFS} AS "writtenOff", first."closedAt" AS since
       FROM settlement_cursor c CROSS JOIN LATERAL (
         SELECT s."closedAt" FROM settlement s WHERE s."merchantId" = c."merchantId" AND s.currency = c.currency AND s.number > coalesce((
           SELECT g.number FROM settlement g WHERE g."merchantId" = c."merchantId" AND g.currency = c.currency AND g.closing >= 0
           ORDER BY g.number DESC LIMIT 1), 0)
         ORDER BY s.number LIMIT 1) first
       WHERE c.currency = $1 AND c.owed > 0 AND ($2::bigint IS NULL OR (-c.owed, c."inflowId") > (-$2::bigint, $3::uuid))
       ORDER BY -c.owed, c."inflowId" LIMIT $4`,
      [currency, after ? String(after.owed) : null, after?.inflowId ?? null, limit],
    );
  }
}
