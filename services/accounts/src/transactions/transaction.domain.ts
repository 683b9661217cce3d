import type { CurrencyCode } from '@tael/money';

/** Who looks at a transaction. */
export interface Viewer {
  readonly personId: string;
  readonly operator: boolean;
}

/** Who asks for a change, and the trace that its events continue. */
export interface Caller extends Viewer {
  /** The session through which they ask; a step-up is bound to it. */
  readonly sessionId?: string;
  readonly traceparent: string;
}

export type TransactionStatus = 'PENDING' | 'SETTLED' | 'FAILED' | 'PARTIALLY_REFUNDED' | 'REFUNDED';
export type TransactionDirection = 'IN' | 'OUT';

/** A transaction as it is stored: whose it is, and what became of it. */
export interface TransactionRecord {
  readonly id: string;
  readonly kind: string;
  /** The state of a top-up or withdrawal; every other booked transaction is SETTLED. */
  readonly status: 'PENDING' | 'SETTLED' | 'FAILED';
  /** Why it is FAILED. */
  readonly failureReason?: string | null;
  readonly currency: CurrencyCode;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly refunded: bigint;
  readonly personId: string;
  readonly counterpartyId: string | null;
  readonly merchantId: string | null;
  readonly merchantPeople: readonly string[];
  /** The posted balance of the viewer's wallet right after, where a wallet of theirs was moved. */
  readonly balanceAfter: bigint | null;
  readonly description: string | undefined;
  readonly recordedAt: Date;
}

/** A transaction as one viewer sees it. */
export interface TransactionView {
  readonly id: string;
  readonly kind: string;
  readonly status: TransactionStatus;
  readonly failureReason: string | null;
  readonly direction: TransactionDirection;
  readonly currency: CurrencyCode;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly balanceAfter: bigint | null;
  readonly description: string | undefined;
  readonly createdAt: Date;
  readonly merchantId: string | null;
  /** The other person of a transfer, as this viewer sees it. */
  readonly otherPersonId: string | null;
  /** Whose wallet it moved, whoever looks: a transfer's sender. */
  readonly ownerId: string;
}

const OUTGOING: ReadonlySet<string> = new Set(['PAYMENT', 'TRANSFER', 'WITHDRAWAL', 'REWARD_REVERSAL', 'ADJUSTMENT_DEBIT']);

/** Says whether a viewer may know of a transaction: its own people, operators, and the merchant's people. */
export function maySee(record: TransactionRecord, viewer: Viewer): boolean {
  return (
    viewer.operator ||
    record.personId === viewer.personId ||
    record.counterpartyId === viewer.personId ||
    record.merchantPeople.includes(viewer.personId)
  );
}

/** Shows a transaction to a viewer, or undefined where it must look as if it did not exist. */
export function viewTransaction(record: TransactionRecord, viewer: Viewer): TransactionView | undefined {
  if (!maySee(record, viewer)) return undefined;
  const receives = record.counterpartyId === viewer.personId;
  const owns = record.personId === viewer.personId;
  return {
    id: record.id,
    kind: record.kind,
    status: statusOf(record),
    failureReason: record.failureReason ?? null,
    direction: OUTGOING.has(record.kind) && !receives ? 'OUT' : 'IN',
    currency: record.currency,
    amount: record.amount,
    fee: receives ? 0n : record.fee,
    balanceAfter: owns || receives ? record.balanceAfter : null,
    description: record.description,
    createdAt: record.recordedAt,
    merchantId: record.merchantId,
    otherPersonId: receives ? record.personId : record.counterpartyId,
    ownerId: record.personId,
  };
}

function statusOf(record: TransactionRecord): TransactionStatus {
  if (record.refunded === 0n) return record.status;
  return record.refunded === record.amount ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
}
