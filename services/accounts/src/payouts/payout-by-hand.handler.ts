import type { Tx } from '@tael/platform/postgres';
import { type ApprovalHandler, externalRefOf } from '../approvals/approval.handler';
import { refuse, type Refused } from '../outcomes/outcome.domain';
import { ownMerchantDenial } from '../settlements/settlement.domain';
import type { PayoutService } from './payout.service';
import { merchantPeople } from './payout-owner.service';

/** Neither asks for nor approves a payout to a merchant who has a part in it. */
async function ownDenial(tx: Tx, merchantId: string, by: { readonly personId: string }): Promise<Refused | undefined> {
  const own = ownMerchantDenial(await merchantPeople(tx, merchantId), by);
  return own && refuse('NOT_ALLOWED', ['input', 'merchantId'], own);
}

/** A payout by hand: the subject is the merchant. What it pays out is looked at when it is asked for, and again when it is approved. */
export const payoutByHand = (payouts: PayoutService): ApprovalHandler => ({
  kind: 'PAYOUT_BY_HAND',
  async check(tx, { subjectId: merchantId, currency, amount }, by) {
    const denied = await ownDenial(tx, merchantId, by);
    if (denied) return denied;
    const looked = await payouts.lockByHand(tx, { merchantId, currency, amount });
    return looked.ok ? { ok: true } : looked;
  },
  async execute(tx, approval, by) {
    const { subjectId: merchantId, currency, amount } = approval;
    const denied = await ownDenial(tx, merchantId, by);
    if (denied) return denied;
    const paid = await payouts.payOutByHand(tx, { merchantId, currency, amount, externalRef: externalRefOf(approval) });
    return paid.ok ? { ok: true, resultId: paid.transactionId } : paid;
  },
});
