import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { type ApprovalHandler, type Asked, externalRefOf } from '../approvals/approval.handler';
import { audit } from '../audit/audit.service';
import { emit } from '../events/emission';
import { available } from '../ledger/account.domain';
import { systemAccountId } from '../ledger/account.ids';
import { lockWallets, postBetweenOwn } from '../ledger/ledger.service';
import { lockPerson } from '../limits/movement.service';
import type { Outcome } from '../outcomes/outcome.domain';
import { debtStatus, type DebtSums, mayWriteOffDebt, openOf } from './debt.domain';
import { addToDebt, lockDebt, type LockedDebtRow } from './debt.store';

// The locks and their order are those of the collection: of the two, whoever has the top-up first is done before the other looks.
async function decide(tx: Tx, asked: Asked, operatorId: string): Promise<{ row: LockedDebtRow | undefined; decided: Outcome<object> }> {
  const row = await lockDebt(tx, asked.subjectId);
  if (!row) return { row, decided: mayWriteOffDebt(undefined, asked, operatorId) };
  await lockPerson(tx, row.personId);
  const wallet = (await lockWallets(tx, [row.walletId])).get(row.walletId)!;
  const debt = { ...row, wallet: { available: available(wallet), frozen: wallet.frozen } };
  return { row, decided: mayWriteOffDebt(debt, asked, operatorId) };
}

const told = (debt: DebtSums): Record<string, unknown> => ({
  status: debtStatus(debt), owed: String(debt.owed), collected: String(debt.collected), writtenOff: String(debt.writtenOff),
});

/** A written-off debt, or a part of one: the subject is the top-up. Tael bears what it stops to ask for. */
export const debtWriteOffHandler: ApprovalHandler = {
  kind: 'DEBT_WRITE_OFF',
  check: async (tx, asked, by) => (await decide(tx, asked, by.personId)).decided,
  async execute(tx, approval, by) {
    const { row, decided } = await decide(tx, approval, by.personId);
    if (!decided.ok) return decided;
    const { id: debtId, personId, walletId } = row!;
    const { currency, amount } = approval;
    const id = uuidv7();
    await postBetweenOwn(tx, {
      id, kind: 'DEBT_WRITE_OFF', currency, amount, personId, walletId, parentId: debtId, externalRef: externalRefOf(approval),
      legs: [{ debit: systemAccountId('WRITE_OFFS', currency), credit: systemAccountId(row!.receivable, currency), amount }],
    });
    await addToDebt(tx, row!, 'writtenOff', amount);
    await audit(tx, { kind: 'DEBT', id: debtId }, {
      actorId: by.personId, action: 'WRITTEN_OFF', before: told(row!), reason: by.reason, at: by.at,
      after: { ...told({ ...row!, writtenOff: row!.writtenOff + amount }), approvalId: approval.id, transactionId: id },
    });
    await emit(tx, by, [{
      type: 'debt.written-off',
      data: { transactionId: id, personId, walletId, currency, amount, topUpId: debtId, left: openOf(row!) - amount, occurredAt: by.at },
    }]);
    return { ok: true, resultId: id };
  },
};
