import type { CurrencyCode } from '@tael/money';
import { type StatementDocument, writeDocument, type Writing } from '../statements/statement.document.domain';
import type { StatementLine, StatementSummary } from '../statements/statement.domain';

/** A closed batch, as its statement needs it. */
export interface SettledBatch {
  readonly id: string;
  readonly merchantId: string;
  readonly currency: CurrencyCode;
  readonly number: number;
  readonly businessDay: string;
  readonly gross: bigint;
  readonly refunds: bigint;
  readonly adjustments: bigint;
  readonly fees: bigint;
  readonly reserveHeld: bigint;
  readonly reserveReleased: bigint;
  readonly opening: bigint;
  readonly closing: bigint;
  readonly paymentCount: number;
  readonly refundCount: number;
  readonly transactionId: string | null;
  readonly closedAt: Date;
}

/** What came or went back, from the merchant's side: a payment counts up. */
export interface SettlementLine {
  /** The inflow's version: its place. */
  readonly version: bigint;
  readonly transactionId: string;
  readonly kind: string;
  readonly amount: bigint;
  readonly bookedAt: Date;
  /** The payment that a refund is of. */
  readonly parentId: string | null;
}

/** Writes a batch as a statement: its lines, and then one for the fees, one for what is held back, and one for what is released. */
function statementOf(batch: SettledBatch, lines: readonly SettlementLine[]): { summary: StatementSummary; lines: StatementLine[] } {
  const own = (kind: string, amount: bigint) => (amount === 0n ? []
    : [{ transactionId: batch.transactionId ?? batch.id, kind, amount, bookedAt: batch.closedAt }]);
  const moves = [
    ...lines, ...own('MERCHANT_FEES', -batch.fees), ...own('RESERVE_HELD', -batch.reserveHeld), ...own('RESERVE_RELEASED', batch.reserveReleased),
  ];
  let balanceAfter = batch.opening;
  const written = moves.map(({ transactionId, kind, amount, bookedAt }, index): StatementLine => ({
    version: BigInt(index + 1), transactionId, kind, amount, fee: 0n, balanceAfter: (balanceAfter += amount), bookedAt, merchantId: batch.merchantId,
    counterparty: undefined, description: undefined,
  }));
  const sumOf = (of: readonly StatementLine[]) => of.reduce((sum, { amount }) => sum + amount, 0n);
  const [credits, debits] = [written.filter(({ amount }) => amount > 0n), written.filter(({ amount }) => amount < 0n)];
  const from = new Date(`${batch.businessDay}T00:00:00Z`);
  return {
    summary: {
      walletId: batch.merchantId, currency: batch.currency, month: { name: `${batch.businessDay}-${batch.number}`, from, to: batch.closedAt },
      opening: batch.opening, closing: batch.closing, credits: sumOf(credits), debits: -sumOf(debits), creditCount: credits.length,
      debitCount: debits.length, versions: { after: 0n, last: BigInt(written.length) }, final: true,
    },
    lines: written,
  };
}

/**
 * Writes a batch as a file.
 * @throws Error where it does not tie out
 */
export function settlementDocument(batch: SettledBatch, lines: readonly SettlementLine[], as: Writing): StatementDocument {
  const name = `settlement-${batch.businessDay}-${batch.currency}-${batch.number}`;
  return writeDocument(statementOf(batch, lines), { ...as, subject: `settlement ${batch.id}`, name });
}
