import type { Logger } from '@tael/platform/log';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { available } from '../ledger/account.domain';
import { systemAccountId } from '../ledger/account.ids';
import { lockWallets, post } from '../ledger/ledger.service';
import { lockPerson } from '../limits/movement.service';
import { decideCollection, openOf } from './debt.domain';
import { addToDebt, debtsWhere, IS_OPEN, lockDebt, type LockedDebtRow } from './debt.store';

/** How many debts one round of the loop looks at, and how many of them one statement finds. */
const ROUND = 1_000;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** Takes of a locked debt what its wallet has. Gives how much that was, and the transaction where it was anything. */
export async function collect(tx: Tx, debt: LockedDebtRow): Promise<{ amount: bigint; transactionId?: string }> {
  const { id: topUpId, personId, walletId, currency } = debt;
  await lockPerson(tx, personId);
  const wallet = (await lockWallets(tx, [walletId])).get(walletId)!;
  const amount = decideCollection(debt, { available: available(wallet), frozen: wallet.frozen });
  if (amount === 0n) return { amount };
  const transactionId = uuidv7();
  const posted = await post(tx, {
    id: transactionId, kind: 'DEBT_COLLECTION', currency, amount, personId, walletId, parentId: topUpId,
    legs: [{ debit: walletId, credit: systemAccountId(debt.receivable, currency), amount }],
  });
  await addToDebt(tx, debt, 'collected', amount);
  await emit(tx, {}, [{
    type: 'debt.collected',
    data: {
      transactionId, personId, walletId, currency, amount, topUpId, left: openOf(debt) - amount,
      balanceAfter: posted.balances.get(walletId)!.posted, occurredAt: posted.recordedAt,
    },
  }]);
  return { amount, transactionId };
}

/** What people owe after a bank or a card took a top-up back that they had spent: what comes into the wallet later settles it first. */
export class DebtService {
  /** Where the next round goes on: wallets that stay empty keep nobody else waiting. */
  private after = FIRST;

  constructor(private readonly parts: { readonly dataSource: DataSource; readonly log: Logger }) {}

  /** Collects open debts whose wallets have something. Gives how many it took something of. */
  async collectOpen(stopped = () => false): Promise<number> {
    const rows: { id: string; due: boolean }[] = await this.parts.dataSource.query(
      `/* debts.open */ SELECT d.id, a."creditsPosted" - a."debitsPosted" - a."debitsPending" > 0 AND a."frozenAt" IS NULL AS due
       FROM (${debtsWhere('id, "walletId"', `${IS_OPEN} AND id > $1`)} ORDER BY id LIMIT $2) d JOIN account a ON a.id = d."walletId" ORDER BY d.id`,
      [this.after, ROUND],
    );
    let taken = 0;
    for (const { id } of rows.filter(({ due }) => due)) {
      if (stopped()) break;
      // One that cannot be collected now keeps none behind it waiting.
      const took = await this.collectOne(id).catch((error: unknown) => {
        this.parts.log.error({ error, topUpId: id }, 'a debt could not be collected: it is tried again in the next round');
        return false;
      });
      if (took) taken += 1;
    }
    this.after = rows.length < ROUND ? FIRST : rows.at(-1)!.id;
    return taken;
  }

  private async collectOne(id: string): Promise<boolean> {
    return inTransaction(this.parts.dataSource, async (tx) => {
      const debt = await lockDebt(tx, id);
      return debt !== undefined && (await collect(tx, debt)).amount > 0n;
    });
  }
}
