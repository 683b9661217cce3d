import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Approval } from '../approvals/approval.domain';
import { type ApprovalHandler, type Asked, externalRefOf, type Operator } from '../approvals/approval.handler';
import { emit } from '../events/emission';
import type { LockedAccount } from '../ledger/account.domain';
import { systemAccountId } from '../ledger/account.ids';
import { lockWallets, post } from '../ledger/ledger.service';
import type { Outcome } from '../outcomes/outcome.domain';
import { decideAdjustment, postingOf } from './adjustment.domain';

const payload = z.object({ direction: z.enum(['CREDIT', 'DEBIT']) });

async function decide(tx: Tx, asked: Asked, by: Operator): Promise<{ decided: Outcome<object>; wallet: LockedAccount | undefined }> {
  const { direction } = payload.parse(asked.payload);
  const wallet = (await lockWallets(tx, [asked.subjectId])).get(asked.subjectId);
  return { wallet, decided: decideAdjustment(wallet, { ...asked, direction }, by.personId) };
}

/** A manual adjustment: the subject is the wallet, the other side the account of adjustments in its currency. */
export const adjustmentHandler: ApprovalHandler = {
  kind: 'MANUAL_ADJUSTMENT',
  check: async (tx, asked, by) => (await decide(tx, asked, by)).decided,
  async execute(tx, approval: Approval, by) {
    const { decided, wallet } = await decide(tx, approval, by);
    if (!decided.ok) return decided;
    const { currency, amount, subjectId: walletId } = approval;
    const { direction } = payload.parse(approval.payload);
    const { kind, debit, credit } = postingOf(direction);
    const idOf = (account: typeof debit) => (account === 'WALLET' ? walletId : systemAccountId('ADJUSTMENTS', currency));
    const personId = wallet!.personId;
    const id = uuidv7();
    const posted = await post(tx, {
      id, kind, currency, amount, personId, walletId, externalRef: externalRefOf(approval),
      legs: [{ debit: idOf(debit), credit: idOf(credit), amount }],
    });
    await emit(tx, by, [{
      type: 'wallet.adjusted',
      data: {
        transactionId: id, personId, walletId, currency, amount, direction, balanceAfter: posted.balances.get(walletId)!.posted,
        occurredAt: posted.recordedAt,
      },
    }]);
    return { ok: true, resultId: id };
  },
};
