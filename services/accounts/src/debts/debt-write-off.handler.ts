import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { type ApprovalHandler, type Asked, externalRefOf } from '../approvals/approval.handler';
import { audit } from '../audit/audit.service';
import { lockOrder, type PersonOrder } from '../bank-orders/bank-order-booking.service';
import { emit } from '../events/emission';
import { available } from '../ledger/account.domain';
import { systemAccountId } from '../ledger/account.ids';
import { lockWallets, postBetweenOwn } from '../ledger/ledger.service';
import { lockPerson } from '../limits/movement.service';
import type { Outcome } from '../outcomes/outcome.domain';
import { debtStatus, type DebtSums, mayWriteOffDebt, openOf } from './debt.domain';

// The locks and their order are those of the collection: of the two, whoever has the order first is done before the other looks.
async function lockDebt(tx: Tx, id: string): Promise<PersonOrder | undefined> {
  const order = await lockOrder(tx, id);
  if (order?.merchantId !== null || order.owed === 0n) return undefined;
  await lockPerson(tx, order.personId);
  return order;
}

async function decide(tx: Tx, asked: Asked, operatorId: string): Promise<{ order: PersonOrder | undefined; decided: Outcome<object> }> {
  const order = await lockDebt(tx, asked.subjectId);
  const wallet = order && (await lockWallets(tx, [order.walletId])).get(order.walletId)!;
  const debt = order && { ...order, wallet: { available: available(wallet!), frozen: wallet!.frozen } };
  return { order, decided: mayWriteOffDebt(debt, asked, operatorId) };
}

const told = (debt: DebtSums): Record<string, unknown> => ({
  status: debtStatus(debt), owed: String(debt.owed), collected: String(debt.collected), writtenOff: String(debt.writtenOff),
});

/** A written-off debt, or a part of one: the subject is the top-up. Tael bears what it stops to ask for. */
export const debtWriteOffHandler: ApprovalHandler = {
  kind: 'DEBT_WRITE_OFF',
  check: async (tx, asked, by) => (await decide(tx, asked, by.personId)).decided,
  async execute(tx, approval, by) {
    const { order, decided } = await decide(tx, approval, by.personId);
    if (!decided.ok) return decided;
    const { id: debtId, personId, walletId } = order!;
    const { currency, amount } = approval;
    const id = uuidv7();
    await postBetweenOwn(tx, {
      id, kind: 'DEBT_WRITE_OFF', currency, amount, personId, walletId, parentId: debtId, externalRef: externalRefOf(approval),
      legs: [{ debit: systemAccountId('WRITE_OFFS', currency), credit: systemAccountId('BANK_RECEIVABLE', currency), amount }],
    });
    await tx.query('/* debts.writeOff */ UPDATE bank_order SET "writtenOff" = "writtenOff" + $2 WHERE id = $1', [debtId, String(amount)]);
    await audit(tx, { kind: 'DEBT', id: debtId }, {
      actorId: by.personId, action: 'WRITTEN_OFF', before: told(order!), reason: by.reason, at: by.at,
      after: { ...told({ ...order!, writtenOff: order!.writtenOff + amount }), approvalId: approval.id, transactionId: id },
    });
    await emit(tx, by, [{
      type: 'debt.written-off',
      data: { transactionId: id, personId, walletId, currency, amount, topUpId: debtId, left: openOf(order!) - amount, occurredAt: by.at },
    }]);
    return { ok: true, resultId: id };
  },
};
