import type { Logger } from '@tael/platform/log';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { decideCollection } from '../debts/debt.domain';
import { available } from '../ledger/account.domain';
import { systemAccountId } from '../ledger/account.ids';
import { lockWallets, post } from '../ledger/ledger.service';
import { lockPerson } from '../limits/movement.service';
import type { TopUpEntity } from '../top-ups/top-up.entity';

type CardDebt = Pick<TopUpEntity, 'id' | 'personId' | 'walletId' | 'currency' | 'owed' | 'collected' | 'writtenOff'>;

/** How many debts one round of the loop looks at, and how many of them one statement finds. */
const ROUND = 1_000;
const FIRST = '00000000-0000-0000-0000-000000000000';

/** What people owe after a charge-back of what they had spent: as after a returned top-up from a bank, what comes into the wallet settles it first. */
export class CardDebtService {
  /** Where the next round goes on: wallets that stay empty keep nobody else waiting. */
  private after = FIRST;

  constructor(private readonly parts: { readonly dataSource: DataSource; readonly log: Logger }) {}

  /** Collects open debts whose wallets have something. Gives how many it took something of. */
  async collectOpen(stopped = () => false): Promise<number> {
    const { dataSource, log } = this.parts;
    const rows: { id: string; due: boolean }[] = await dataSource.query(
      `/* cardDebts.open */ SELECT t.id, a."creditsPosted" - a."debitsPosted" - a."debitsPending" > 0 AND a."frozenAt" IS NULL AS due
       FROM top_up t JOIN account a ON a.id = t."walletId" WHERE t.owed > t.collected + t."writtenOff" AND t.id > $1 ORDER BY t.id LIMIT $2`,
      [this.after, ROUND],
    );
    let taken = 0;
    for (const { id } of rows.filter(({ due }) => due)) {
      if (stopped()) break;
      // One that cannot be collected now keeps none behind it waiting.
      const amount = await inTransaction(dataSource, (tx) => this.collect(tx, id)).catch((error: unknown) => {
        log.error({ error, topUpId: id }, 'a debt could not be collected: it is tried again in the next round');
        return 0n;
      });
      if (amount > 0n) taken += 1;
    }
    this.after = rows.length < ROUND ? FIRST : rows.at(-1)!.id;
    return taken;
  }

  /** Takes of a debt what its wallet has, under the locks of the top-up, its person and its wallet. Gives how much that was. */
  private async collect(tx: Tx, topUpId: string): Promise<bigint> {
    const [debt]: [CardDebt] = await tx.query(
      `/* cardDebts.lock */ SELECT id, "personId", "walletId", currency, owed, collected, "writtenOff" FROM top_up WHERE id = $1 FOR NO KEY UPDATE`, [topUpId],
    );
    const { id, personId, walletId, currency } = debt;
    await lockPerson(tx, personId);
    const wallet = (await lockWallets(tx, [walletId])).get(walletId)!;
    const amount = decideCollection(debt, { available: available(wallet), frozen: wallet.frozen });
    if (amount === 0n) return amount;
    await post(tx, {
      id: uuidv7(), kind: 'DEBT_COLLECTION', currency, amount, personId, walletId, parentId: id,
      legs: [{ debit: walletId, credit: systemAccountId('CARD_RECEIVABLE', currency), amount }],
    });
    await tx.query('/* cardDebts.collected */ UPDATE top_up SET collected = collected + $2 WHERE id = $1', [id, String(amount)]);
    return amount;
  }
}
