import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { type ApprovalHandler, type Asked, externalRefOf } from '../approvals/approval.handler';
import { audit } from '../audit/audit.service';
import { uuidOf } from '../ids.domain';
import { systemAccountId } from '../ledger/account.ids';
import { postBetweenOwn } from '../ledger/ledger.service';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { type Break, mayWriteOff, writeOffLeg } from './break.domain';
import { lockBreak } from './break.service';

/** A write-off moves no wallet: what the books keep as whose it is are its two sides. */
const NO_WALLET = '00000000-0000-0000-0000-000000000000';

/**
 * Says whether the books or the bank's files have said something of a break's order since it was opened: its difference is then no more what it
 * was, and writing it off would book it besides. Such a break is resolved by what explains it.
 */
async function hasMoved(tx: Tx, { reference, kind, openedAt }: Break): Promise<boolean> {
  const rows: unknown[] = await tx.query(
    `/* breaks.moved */ SELECT 1 FROM ledger_tx WHERE (id = $1::uuid OR "parentId" = $1::uuid) AND "recordedAt" > $4
     UNION ALL SELECT 1 FROM reconciliation_line WHERE reference = $2 AND kind = $3 AND class = 'MATCHED' LIMIT 1`,
    [uuidOf(reference.replace(/^order-/, '')) ?? null, reference, kind, openedAt],
  );
  return rows.length > 0;
}

async function decide(tx: Tx, asked: Asked): Promise<{ found: Break | undefined; decided: Outcome<object> }> {
  const found = await lockBreak(tx, asked.subjectId);
  const pending: unknown[] = await tx.query(
    `/* breaks.orderPending */ SELECT 1 FROM bank_order WHERE 'order-' || id = $1 AND id = $2::uuid AND status = 'PENDING'`,
    [found?.reference ?? null, uuidOf(found?.reference.slice('order-'.length) ?? '') ?? null],
  );
  const decided = mayWriteOff(found, asked, pending.length > 0);
  if (!decided.ok || !found) return { found, decided };
  return { found, decided: (await hasMoved(tx, found)) ? refuse('NOT_ALLOWED', ['input', 'breakId'], 'BREAK_CHANGED') : decided };
}

/** A written-off break: the subject is the break, and the books follow the bank by its whole difference. */
export const writeOffHandler: ApprovalHandler = {
  kind: 'BREAK_WRITE_OFF',
  check: async (tx, asked) => (await decide(tx, asked)).decided,
  async execute(tx, approval, by) {
    const { found, decided } = await decide(tx, approval);
    if (!decided.ok) return decided;
    const { id: breakId, difference, status } = found!;
    const { currency, amount } = approval;
    const { debit, credit } = writeOffLeg(difference);
    const id = uuidv7();
    await postBetweenOwn(tx, {
      id, kind: 'BREAK_WRITE_OFF', currency, amount, personId: by.personId, walletId: NO_WALLET, externalRef: externalRefOf(approval),
      legs: [{ debit: systemAccountId(debit, currency), credit: systemAccountId(credit, currency), amount }],
    });
    await tx.query(
      `/* breaks.writeOff */ UPDATE reconciliation_break SET status = 'WRITTEN_OFF', "closedAt" = $2, "transactionId" = $3 WHERE id = $1`,
      [breakId, by.at, id],
    );
    await audit(tx, { kind: 'BREAK', id: breakId }, {
      actorId: by.personId, action: 'WRITTEN_OFF', before: { status }, reason: by.reason, at: by.at,
      after: { status: 'WRITTEN_OFF', approvalId: approval.id, transactionId: id, difference: String(difference) },
    });
    return { ok: true, resultId: id };
  },
};
