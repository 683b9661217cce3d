import { type ApprovalHandler, externalRefOf } from '../approvals/approval.handler';
import type { PayoutService } from './payout.service';

/** A payout by hand: the subject is the merchant. What it pays out is looked at when it is asked for, and again when it is approved. */
export const payoutByHand = (payouts: PayoutService): ApprovalHandler => ({
  kind: 'PAYOUT_BY_HAND',
  async check(tx, { subjectId: merchantId, currency, amount }) {
    const looked = await payouts.lockByHand(tx, { merchantId, currency, amount });
    return looked.ok ? { ok: true } : looked;
  },
  async execute(tx, approval) {
    const { subjectId: merchantId, currency, amount } = approval;
    const paid = await payouts.payOutByHand(tx, { merchantId, currency, amount, externalRef: externalRefOf(approval) });
    return paid.ok ? { ok: true, resultId: paid.transactionId } : paid;
  },
});
