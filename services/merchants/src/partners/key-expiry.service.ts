import { toMessage } from '@tael/events';
import type { Logger } from '@tael/platform/log';
import { appendToOutbox } from '@tael/platform/outbox';
import { inTransaction } from '@tael/platform/postgres';
import { carriedOn } from '@tael/platform/telemetry';
import { startWorkLoop, type WorkLoop } from '@tael/platform/work-loop';
import type { DataSource } from 'typeorm';
import { daysToExpiry, EXPIRY_DAYS } from './partner-key.domain';

/** A key that ends soon, or has ended, and is still registered. */
export interface EndingKey {
  readonly partnerId: string;
  readonly partnerName: string;
  readonly clientId: string;
  readonly kid: string;
  readonly expiresAt: Date;
  /** The least of the days before its end at which the bank was told; null where it was not. */
  readonly toldDays: number | null;
}

interface Row {
  readonly partnerId: string;
  readonly clientId: string;
  readonly kid: string;
  readonly expiresAt: Date;
}

const DAY_MS = 86_400_000;

/** Tells banks that their keys end, and shows operators which do. */
export class KeyExpiryService {
  constructor(private readonly parts: { readonly dataSource: DataSource; readonly now: () => Date }) {}

  /**
   * Tells of up to `limit` keys that have come within 30 days, 7 days or one day of their end: the mark on the key and the event are one
   * transaction, so each is told of once, whoever dies. Any instance may do it: nobody waits for a row that another holds. Gives how many.
   */
  async tell(limit: number): Promise<number> {
    const now = this.parts.now();
    return inTransaction(this.parts.dataSource, async (tx) => {
      // For each threshold the keys that have come within it and were not told of at it, or at a later one.
      const rows: Row[] = await tx.query(
        `/* keys.ending */ SELECT k."partnerId", k."clientId", k.kid, k."expiresAt" FROM partner_key k
         JOIN partner_client c ON c.id = k."clientId" AND c.status = 'ACTIVE'
         WHERE k.status = 'ACTIVE' AND k."expiresAt" > $1 AND k."expiresAt" <= $2 AND EXISTS (
           SELECT FROM unnest($3::int[]) AS d (days) WHERE k."expiresAt" <= $1::timestamptz + make_interval(days => 0, secs => d.days * 86400)
             AND d.days < coalesce(k."toldDays", 2147483647))
         ORDER BY k."expiresAt", k.kid LIMIT $4 FOR NO KEY UPDATE OF k SKIP LOCKED`,
        [now, new Date(now.getTime() + EXPIRY_DAYS[0] * DAY_MS), EXPIRY_DAYS, limit],
      );
      const traceparent = carriedOn(undefined);
      for (const { partnerId, clientId, kid, expiresAt } of rows) {
        const days = daysToExpiry(expiresAt, now)!;
        await tx.query('/* keys.told */ UPDATE partner_key SET "toldDays" = $3 WHERE "clientId" = $1 AND kid = $2', [clientId, kid, days]);
        await appendToOutbox(tx, [
          toMessage('partner.key-expiring', { partnerId, clientId, kid, expiresAt, days, occurredAt: now }, { source: 'merchants', time: now, traceparent }),
        ]);
      }
      return rows.length;
    });
  }

  /** Gives keys that end within 30 days or have ended and are registered still, those that end first before the others. */
  async ending(page: { limit: number; after: readonly [string, string, string] | undefined }): Promise<EndingKey[]> {
    const [expiresAt, clientId, kid] = page.after ?? ['-infinity', '00000000-0000-0000-0000-000000000000', ''];
    return this.parts.dataSource.query(
      `/* keys.list */ SELECT k."partnerId", p.name AS "partnerName", k."clientId", k.kid, k."expiresAt", k."toldDays" FROM partner_key k
       JOIN partner_client c ON c.id = k."clientId" AND c.status = 'ACTIVE' JOIN partner p ON p.id = k."partnerId"
       WHERE k.status = 'ACTIVE' AND k."expiresAt" <= $1 AND (k."expiresAt", k."clientId", k.kid) > ($2::timestamptz, $3::uuid, $4)
       ORDER BY k."expiresAt", k."clientId", k.kid LIMIT $5`,
      [new Date(this.parts.now().getTime() + EXPIRY_DAYS[0] * DAY_MS), expiresAt, clientId, kid, page.limit],
    );
  }
}

const TOLD_AT_ONCE = 50;

/** Starts what tells banks of keys that end. */
export function startKeyExpiry(keys: Pick<KeyExpiryService, 'tell'>, log: Logger): WorkLoop {
  return startWorkLoop({ name: 'telling of keys that end', work: () => keys.tell(TOLD_AT_ONCE), idleMs: 60_000, log });
}
