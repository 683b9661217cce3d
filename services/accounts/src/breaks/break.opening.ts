import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { aboutOf } from './break-fact.domain';

/** What does not fit, as a comparison or the statement's reader found it. */
export interface FoundBreak {
  readonly currency: string;
  readonly class: 'MISSING' | 'EXTRA' | 'DIFFERENT';
  readonly reason: string | null;
  readonly reference: string;
  readonly kind: 'BOOKED' | 'RETURNED';
  readonly bookingId: string | undefined;
  readonly difference: bigint;
}

/** Opens breaks; of a booking or order that has one already there is none more. */
export async function openBreaks(tx: Tx, found: readonly FoundBreak[], { reconciliationId, at }: { reconciliationId: string | null; at: Date }): Promise<void> {
  if (found.length === 0) return;
  const rows = found.map(({ bookingId, difference, ...row }) => ({
    ...row, id: uuidv7(), bookingId: bookingId ?? null, difference: String(difference),
    about: aboutOf({ bookingId, reference: row.reference, kind: row.kind }),
  }));
  await tx.query(
    `/* breaks.open */ INSERT INTO reconciliation_break (id, about, currency, class, reason, reference, kind, "bookingId", difference, status,
       "reconciliationId", "openedAt")
     SELECT b.id, b.about, b.currency, b.class, b.reason, b.reference, b.kind, b."bookingId", b.difference, 'OPEN', $2, $3
     FROM jsonb_to_recordset($1::jsonb) AS b (id uuid, about text, currency text, class text, reason text, reference text, kind text,
       "bookingId" text, difference bigint)
     ORDER BY b.about ON CONFLICT (about) DO NOTHING`,
    [JSON.stringify(rows), reconciliationId, at],
  );
}
