import type { Logger } from '@tael/platform/log';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { lockOrder, type PersonOrder } from '../bank-orders/bank-order-booking.service';
import { available } from '../ledger/account.domain';
import { systemAccountId } from '../ledger/account.ids';
import { lockWallets, post } from '../ledger/ledger.service';
import { lockPerson } from '../limits/movement.service';
import { decideCollection } from './debt.domain';

/** How many debts one round of the loop looks at, and how many of them one statement finds. */
const ROUND = 1_000;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Says whether somebody owes anything, in any currency. Under the lock of a movement of theirs this stands until the transaction ends. */
export async function owes(tx: Tx, personId: string): Promise<boolean> {
  const [row]: [{ owes: boolean }] = await tx.query(
    `/* debts.owes */ SELECT EXISTS (SELECT 1 FROM bank_order WHERE "personId" = $1 AND owed > collected + "writtenOff")
       OR EXISTS (SELECT 1 FROM top_up WHERE "personId" = $1 AND owed > collected + "writtenOff") AS owes`,
    [personId],
  );
  return row.owes;
}

/** Takes of a debt, whose order is locked, what its wallet has. Gives how much that was, and the transaction where it was anything. */
export async function collect(tx: Tx, order: PersonOrder): Promise<{ amount: bigint; transactionId?: string }> {
  const { id: orderId, personId, walletId, currency } = order;
  await lockPerson(tx, personId);
  const wallet = (await lockWallets(tx, [walletId])).get(walletId)!;
  const amount = decideCollection(order, { available: available(wallet), frozen: wallet.frozen });
  if (amount === 0n) return { amount };
  const transactionId = uuidv7();
  await post(tx, {
    id: transactionId, kind: 'DEBT_COLLECTION', currency, amount, personId, walletId, parentId: orderId,
    legs: [{ debit: walletId, credit: systemAccountId('BANK_RECEIVABLE', currency), amount }],
  });
  await tx.query('/* debts.collected */ UPDATE bank_order SET collected = collected + $2 WHERE id = $1', [orderId, String(amount)]);
  return { amount, transactionId };
}

/** What people owe after a bank took a top-up back that they had spent: what comes into the wallet later settles it first. */
export class DebtService {
  /** Where the next round goes on: wallets that stay empty keep nobody else waiting. */
  private after = FIRST;

  constructor(private readonly parts: { readonly dataSource: DataSource; readonly log: Logger }) {}

  /** Collects open debts whose wallets have something. Gives how many it took something of. */
  async collectOpen(stopped = () => false): Promise<number> {
    const rows: { id: string; due: boolean }[] = await this.parts.dataSource.query(
      `/* debts.open */ SELECT o.id, a."creditsPosted" - a."debitsPosted" - a."debitsPending" > 0 AND a."frozenAt" IS NULL AS due
       FROM bank_order o JOIN account a ON a.id = o."walletId" WHERE o.owed > o.collected + o."writtenOff" AND o.id > $1 ORDER BY o.id LIMIT $2`,
      [this.after, ROUND],
    );
    let taken = 0;
    for (const { id } of rows.filter(({ due }) => due)) {
      if (stopped()) break;
      // One that cannot be collected now keeps none behind it waiting.
      const took = await this.collectOne(id).catch((error: unknown) => {
        this.parts.log.error({ error, bankOrderId: id }, 'a debt could not be collected: it is tried again in the next round');
        return false;
      });
      if (took) taken += 1;
    }
    this.after = rows.length < ROUND ? FIRST : rows.at(-1)!.id;
    return taken;
  }

  private async collectOne(id: string): Promise<boolean> {
    return inTransaction(this.parts.dataSource, async (tx) => {
      const order = await lockOrder(tx, id);
      if (order?.merchantId !== null) return false;
      return (await collect(tx, order)).amount > 0n;
    });
  }
}
