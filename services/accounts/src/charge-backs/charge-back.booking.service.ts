import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { available } from '../ledger/account.domain';
import { systemAccountId } from '../ledger/account.ids';
import { lockWallets, post, postBetweenOwn } from '../ledger/ledger.service';
import type { BookableTopUp } from '../top-ups/top-up-booking.service';
import { type ChargeBackReason, chargeBackPostings, owedOf } from './charge-back.domain';

/** Books that a settled top-up went back to its card, under the locks of the top-up and, before any wallet's, of its person. */
export async function bookChargeBack(tx: Tx, topUp: BookableTopUp, reason: ChargeBackReason): Promise<void> {
  const { id, personId, walletId, paymentMethodId, currency, amount, last4 } = topUp;
  const wallet = (await lockWallets(tx, [walletId])).get(walletId)!;
  const postings = chargeBackPostings(amount, available(wallet));
  for (const posting of postings) {
    const debit = posting.debit === 'WALLET' ? walletId : systemAccountId('CARD_RECEIVABLE', currency);
    await (posting.debit === 'WALLET' ? post : postBetweenOwn)(tx, {
      id: uuidv7(), kind: posting.kind, currency, amount: posting.amount, personId, walletId, parentId: id, externalRef: `${posting.kind}:${id}`,
      legs: [{ debit, credit: systemAccountId('CARD_CLEARING', currency), amount: posting.amount }],
    });
  }
  const owed = owedOf(postings);
  const [rows]: [{ at: Date }[], number] = await tx.query(
    `/* chargeBacks.keep */ UPDATE top_up SET "returnedAt" = clock_timestamp(), "returnReason" = $2, owed = $3 WHERE id = $1 RETURNING "returnedAt" AS at`,
    [id, reason, String(owed)],
  );
  const balanceAfter = (await lockWallets(tx, [walletId])).get(walletId)!.posted;
  await emit(tx, { traceparent: undefined }, [{
    type: 'card-topup.returned',
    data: { transactionId: id, personId, walletId, currency, amount, paymentMethodId, last4, reason, owed, balanceAfter, occurredAt: rows[0]!.at },
  }]);
}
