import type { EventData } from '@tael/events';
import { type CurrencyCode, currencyCode, type Money } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import type { Outcome } from '../outcomes/outcome.domain';
import { decidePaymentCode } from './qr.domain';

/** Keeps a code for one payment, as its merchant made it; it never changes, so that the event may come again. */
export async function takePaymentCode(tx: Tx, code: EventData<'payment-code.created'>): Promise<void> {
  await tx.query(
    `/* paymentCodes.copy */ INSERT INTO payment_code ("codeId", "merchantId", "storeId", currency, amount, "expiresAt")
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT ("codeId") DO NOTHING`,
    [code.codeId, code.merchantId, code.storeId, code.currency, String(code.amount), code.expiresAt],
  );
}

/**
 * Books a payment by a code that is good for one: under the lock of the code's row it is decided, booked and written down as
 * used. Of two payers the second waits and hears that it is paid. Locked before any wallet, which nobody does the other way round.
 */
export async function withPaymentCode<Done extends { transactionId: string }>(
  tx: Tx, payment: { codeId: string; merchantId: string; amount: Money }, book: () => Promise<Outcome<Done>>,
): Promise<Outcome<Done>> {
  const [row]: { merchantId: string; currency: CurrencyCode; amount: bigint; expiresAt: Date }[] = await tx.query(
    `/* paymentCodes.lock */ SELECT "merchantId", currency, amount, "expiresAt" FROM payment_code WHERE "codeId" = $1 FOR NO KEY UPDATE`,
    [payment.codeId],
  );
  // A statement of its own: it sees what was committed while the lock was waited for.
  const [{ at, isPaid }] = await tx.query(
    `/* paymentCodes.use */ SELECT clock_timestamp() AS at, EXISTS (SELECT FROM payment_code_use WHERE "codeId" = $1) AS "isPaid"`,
    [payment.codeId],
  );
  const code = row && { ...row, amount: { minor: row.amount, currency: currencyCode(row.currency) }, isPaid };
  const decided = decidePaymentCode(code, { ...payment, at });
  if (!decided.ok) return decided;
  const booked = await book();
  if (booked.ok) {
    await tx.query('/* paymentCodes.pay */ INSERT INTO payment_code_use ("codeId", "transactionId") VALUES ($1, $2)', [
      payment.codeId, booked.transactionId,
    ]);
  }
  return booked;
}
