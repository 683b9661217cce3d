import { currencyCode } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import type { PaymentFacts } from './payment.domain';

/** How much of a payment has been given back, and by which refund that was told. */
export interface RefundProgress {
  readonly refundedTotal: bigint;
  readonly refundTransactionId: string | null;
}

/** Keeps the payments that were evaluated, and how much of each has been given back. */
export class PaymentService {
  /**
   * Notes payments, and gives by id what refunds have told of each before; those that have been noted already are not among
   * them. A refund that comes meanwhile waits for the row of the progress, and then sees the payment.
   */
  async noteAll(tx: Tx, payments: readonly PaymentFacts[]): Promise<Map<string, RefundProgress>> {
    const rows: (RefundProgress & { paymentId: string })[] = await tx.query(
      `/* payments.note */ WITH noted AS (
         INSERT INTO payment (id, "personId", "walletId", "merchantId", "merchantCategoryCode", currency, amount, fee,
           "feeBeforeWaiver", "waiverCampaignId", waived, ordinal, "occurredAt")
         SELECT p.* FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::bigint[],
           $8::bigint[], $9::bigint[], $10::uuid[], $11::bigint[], $12::integer[], $13::timestamptz[]) AS p (id)
         ORDER BY p.id ON CONFLICT (id) DO NOTHING RETURNING id
       )
       INSERT INTO refund_progress ("paymentId", "refundedTotal") SELECT id, 0 FROM noted ORDER BY id
       ON CONFLICT ("paymentId") DO UPDATE SET "refundedTotal" = refund_progress."refundedTotal"
       RETURNING "paymentId", "refundedTotal", "refundTransactionId"`,
      [
        payments.map(({ id }) => id),
        payments.map(({ personId }) => personId),
        payments.map(({ walletId }) => walletId),
        payments.map(({ merchantId }) => merchantId),
        payments.map(({ merchantCategoryCode }) => merchantCategoryCode),
        payments.map(({ currency }) => currency),
        payments.map(({ amount }) => amount.toString()),
        payments.map(({ fee }) => fee.toString()),
        payments.map(({ feeBeforeWaiver }) => feeBeforeWaiver.toString()),
        payments.map(({ waiverCampaignId }) => waiverCampaignId),
        payments.map(({ waived }) => waived.toString()),
        payments.map(({ ordinal }) => ordinal),
        payments.map(({ occurredAt }) => occurredAt),
      ],
    );
    return new Map(rows.map((row) => [row.paymentId, row]));
  }

  async find(tx: Tx, id: string): Promise<PaymentFacts | undefined> {
    const [row] = await tx.query('/* payments.find */ SELECT * FROM payment WHERE id = $1', [id]);
    return row && { ...row, currency: currencyCode(row.currency) };
  }

  /** Gives a person's payments, oldest first. */
  async ofPerson(tx: Tx, personId: string): Promise<PaymentFacts[]> {
    const rows: PaymentFacts[] = await tx.query(
      '/* payments.of-person */ SELECT * FROM payment WHERE "personId" = $1 ORDER BY "occurredAt", ordinal', [personId],
    );
    return rows.map((row) => ({ ...row, currency: currencyCode(row.currency) }));
  }

  /** Gives what refunds have told of a noted payment, and holds the row. */
  async refundProgress(tx: Tx, paymentId: string): Promise<RefundProgress> {
    const [row]: RefundProgress[] = await tx.query(
      `/* refunds.progress */ INSERT INTO refund_progress ("paymentId", "refundedTotal") VALUES ($1, 0)
       ON CONFLICT ("paymentId") DO UPDATE SET "refundedTotal" = refund_progress."refundedTotal"
       RETURNING "refundedTotal", "refundTransactionId"`,
      [paymentId],
    );
    return row!;
  }

  /** Notes a refund; false where as much, or more, has been told before. */
  async noteRefund(tx: Tx, refund: { paymentId: string; refundedTotal: bigint; refundTransactionId: string }): Promise<boolean> {
    const rows: unknown[] = await tx.query(
      `/* refunds.note */ INSERT INTO refund_progress ("paymentId", "refundedTotal", "refundTransactionId") VALUES ($1, $2, $3)
       ON CONFLICT ("paymentId") DO UPDATE
         SET "refundedTotal" = excluded."refundedTotal", "refundTransactionId" = excluded."refundTransactionId"
         WHERE refund_progress."refundedTotal" < excluded."refundedTotal"
       RETURNING "paymentId"`,
      [refund.paymentId, refund.refundedTotal, refund.refundTransactionId],
    );
    return rows.length > 0;
  }
}
