import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { type ApprovalHandler, type Asked, externalRefOf } from '../approvals/approval.handler';
import { audit } from '../audit/audit.service';
import { uuidOf } from '../ids.domain';
import { systemAccountId } from '../ledger/account.ids';
import { postBetweenOwn } from '../ledger/ledger.service';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { type Break, mayWriteOff, writeOffLeg } from './break.domain';
import { followed } from './break-fact.domain';
import { readFact } from './break.following';
import { lockBreak } from './break.service';

/** A write-off moves no wallet: what the books keep as whose it is are its two sides. */
const NO_WALLET = '00000000-0000-0000-0000-000000000000';

/** Says whether bank and books say of a break by now what it says itself: writing off another difference would book it besides. */
async function isAsItWas(tx: Tx, found: Break): Promise<boolean> {
  const fact = await readFact(tx, found, new Date());
  return fact !== undefined && followed(found, fact) === 'SAME';
}

async function decide(tx: Tx, asked: Asked): Promise<{ found: Break | undefined; decided: Outcome<object> }> {
  const found = await lockBreak(tx, asked.subjectId);
  const pending: unknown[] = await tx.query(
    `/* breaks.orderPending */ SELECT 1 FROM bank_order WHERE 'order-' || id = $1 AND id = $2::uuid AND status = 'PENDING'`,
    [found?.reference ?? null, uuidOf(found?.reference.slice('order-'.length) ?? '') ?? null],
  );
  const difference = BigInt((asked.payload as { difference: string }).difference);
  const decided = mayWriteOff(found, { ...asked, difference }, pending.length > 0);
  if (!decided.ok || !found) return { found, decided };
  return { found, decided: (await isAsItWas(tx, found)) ? decided : refuse('NOT_ALLOWED', ['input', 'breakId'], 'BREAK_CHANGED') };
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
