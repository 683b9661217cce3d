import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import type { PayoutOrder } from '../bank-orders/bank-order-booking.service';
import type { OrderStep } from '../bank-orders/bank-order.domain';
import type { Emission } from '../events/emission';
import { merchantAccountId, systemAccountId } from '../ledger/account.ids';
import { post, postBetweenOwn } from '../ledger/ledger.service';
import { lockCursor } from '../settlements/settlement-cursor.service';

type Paid = Pick<PayoutOrder, 'id' | 'merchantId' | 'currency' | 'amount'>;

/** Takes a payout's money out of what is payable: it is on its way, and nobody else's yet. More than there is throws. */
export async function bookPayout(tx: Tx, { id, merchantId, currency, amount }: Paid, externalRef?: string): Promise<void> {
  const payable = merchantAccountId('MERCHANT_PAYABLE', merchantId, currency);
  await post(tx, {
    id, kind: 'PAYOUT', currency, amount, merchantId, personId: merchantId, walletId: payable, ...(externalRef ? { externalRef } : {}),
    legs: [{ debit: payable, credit: systemAccountId('BANK_CLEARING', currency), amount }],
  });
}

/** Books what a word of the bank asks for of a payout, under its lock. Nothing is ever owed by it. */
export async function bookPayoutStep(tx: Tx, order: PayoutOrder, step: OrderStep): Promise<bigint> {
  const { id, merchantId, currency, amount } = order;
  // Whoever settles or pays out holds the cursor before what is payable: so does this.
  await lockCursor(tx, merchantAccountId('MERCHANT_INFLOW', merchantId, currency));
  const payable = merchantAccountId('MERCHANT_PAYABLE', merchantId, currency);
  const [clearing, settlement] = [systemAccountId('BANK_CLEARING', currency), systemAccountId('BANK_SETTLEMENT', currency)];
  const common = { id: uuidv7(), currency, amount, merchantId, personId: merchantId, walletId: payable, parentId: id };
  if (step === 'SETTLE') {
    await postBetweenOwn(tx, {
      ...common, kind: 'BANK_SETTLEMENT', externalRef: `BANK_SETTLEMENT:${id}`, legs: [{ debit: clearing, credit: settlement, amount }],
    });
  } else {
    await post(tx, {
      ...common, kind: 'PAYOUT_REVERSAL', externalRef: `PAYOUT_REVERSAL:${id}`,
      legs: [{ debit: step === 'FAIL' ? clearing : settlement, credit: payable, amount }],
    });
    await holdAccount(tx, order);
  }
  await tx.query(
    '/* payouts.lookAgain */ UPDATE settlement_cursor SET "payAt" = now() WHERE "merchantId" = $1 AND currency = $2', [merchantId, currency],
  );
  return 0n;
}

/** Pays nothing more to an account that did not take a payout, until somebody acts; one that was replaced stays replaced. */
async function holdAccount(tx: Tx, { payoutAccountId }: PayoutOrder): Promise<void> {
  await tx.query(
    `/* payouts.hold */ UPDATE payout_account SET status = 'HELD' WHERE id = $1 AND status = 'ACTIVE'`, [payoutAccountId],
  );
}

/** What a merchant is told of a payout. */
export function payoutEvent(
  { id, merchantId, currency, amount, last4 }: PayoutOrder, { step, reason, occurredAt }: { step: OrderStep; reason: string | null; occurredAt: Date },
): Emission {
  const data = { payoutId: id, merchantId, currency, amount, last4, occurredAt };
  if (step === 'SETTLE') return { type: 'payout.settled', data };
  return step === 'RETURN' ? { type: 'payout.returned', data } : { type: 'payout.failed', data: { ...data, reason: reason as never } };
}
