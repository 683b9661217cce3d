import type { CurrencyCode, Money } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import { lockOrder } from '../bank-orders/bank-order-booking.service';
import type { DebtSums } from './debt.domain';

/** Where debts stand: with the order to the bank that came back, or with the top-up whose card took it back. */
export type DebtTable = 'bank_order' | 'top_up';

/** A debt under the lock of its top-up. */
export interface LockedDebtRow extends DebtSums {
  readonly table: DebtTable;
  /** The account that says what people owe so. */
  readonly receivable: 'BANK_RECEIVABLE' | 'CARD_RECEIVABLE';
  readonly id: string;
  readonly personId: string;
  readonly walletId: string;
  readonly currency: CurrencyCode;
}

/** The columns of both tables that are about debts, of those rows where it holds; each part is found by its own partial index. */
export const debtsWhere = (columns: string, condition: string): string =>
  `SELECT ${columns} FROM bank_order WHERE ${condition} UNION ALL SELECT ${columns} FROM top_up WHERE ${condition}`;

export const IS_OPEN = 'owed > collected + "writtenOff"';

/** Locks the top-up of a debt: its person's row comes after it, then the wallet's. Undefined where nothing is owed of it and never was. */
export async function lockDebt(tx: Tx, id: string): Promise<LockedDebtRow | undefined> {
  const order = await lockOrder(tx, id);
  if (order) return order.merchantId === null && order.owed > 0n ? { ...order, table: 'bank_order', receivable: 'BANK_RECEIVABLE' } : undefined;
  const [row]: Omit<LockedDebtRow, 'table' | 'receivable'>[] = await tx.query(
    `/* debts.lockCard */ SELECT id, "personId", "walletId", currency, owed, collected, "writtenOff" FROM top_up WHERE id = $1 AND owed > 0 FOR NO KEY UPDATE`, [id],
  );
  return row && { ...row, table: 'top_up', receivable: 'CARD_RECEIVABLE' };
}

/** Adds to what came of a debt, under its lock. */
export async function addToDebt(tx: Tx, { table, id }: LockedDebtRow, column: 'collected' | 'writtenOff', amount: bigint): Promise<void> {
  await tx.query(`/* debts.add */ UPDATE ${table} SET "${column}" = "${column}" + $2 WHERE id = $1`, [id, String(amount)]);
}

/** Gives what somebody owes, a sum a currency. Under the lock of a movement of theirs this stands until the transaction ends. */
export function owedBy(tx: Tx, personId: string): Promise<Money[]> {
  return tx.query(
    `/* debts.owedBy */ SELECT currency, sum(open)::bigint AS minor FROM (
       ${debtsWhere('currency, owed - collected - "writtenOff" AS open', `"personId" = $1 AND ${IS_OPEN}`)}) d GROUP BY currency ORDER BY currency`, [personId],
  );
}
