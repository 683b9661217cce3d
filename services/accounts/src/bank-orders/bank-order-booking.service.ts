import type { CurrencyCode } from '@tael/money';
import type { Logger } from '@tael/platform/log';
import type { Tx } from '@tael/platform/postgres';
import { v7 as uuidv7 } from 'uuid';
import type { BankWord } from '../bank/bank-word.domain';
import { type Emission, emit } from '../events/emission';
import { lockPerson } from '../limits/movement.service';
import { systemAccountId } from '../ledger/account.ids';
import { bookPayoutStep, payoutEvent } from '../payouts/payout-booking.service';
import { type Leg, lockWallets, post, postBetweenOwn } from '../ledger/ledger.service';
import { type OrderAccount, openingOf, type OrderPosting, type OrderStep, postingsOf, transition } from './bank-order.domain';
import type { BankOrderEntity } from './bank-order.entity';

type OrderRow = Pick<
  BankOrderEntity, 'id' | 'direction' | 'currency' | 'amount' | 'fee' | 'last4' | 'status' | 'failureReason' | 'owed' | 'collected' | 'writtenOff' | 'bankOrderId' | 'attempts'
>;

/** An order of a person's, under its lock. */
export type PersonOrder = OrderRow & {
  readonly merchantId: null; readonly personId: string; readonly walletId: string; readonly paymentMethodId: string;
};

/** A merchant's payout, under its lock. */
export type PayoutOrder = OrderRow & { readonly merchantId: string; readonly payoutAccountId: string };

/** An order under its lock. */
export type LockedOrder = PersonOrder | PayoutOrder;

/** Locks an order; undefined where there is none. Whoever moves an order's wallet too locks the order first. */
export async function lockOrder(tx: Tx, id: string): Promise<LockedOrder | undefined> {
  const [row]: LockedOrder[] = await tx.query(
    `/* bankOrders.lock */ SELECT id, direction, "personId", "walletId", "paymentMethodId", currency, amount, fee, last4, status,
       "failureReason", owed, collected, "writtenOff", "bankOrderId", attempts, "merchantId", "payoutAccountId" FROM bank_order WHERE id = $1 FOR NO KEY UPDATE`,
    [id],
  );
  return row;
}

type Ordered = Pick<PersonOrder, 'id' | 'direction' | 'personId' | 'walletId' | 'currency' | 'amount' | 'fee'>;

/** Takes a withdrawal's money out of its wallet. Gives the wallet's balance after. */
export function bookOpening(tx: Tx, order: Ordered, recordedAt: string): ReturnType<typeof post> {
  const { id, personId, walletId, currency } = order;
  const { legs, ...opening } = openingOf(order);
  return post(tx, { ...opening, id, personId, walletId, currency, recordedAt, legs: legsOf(legs, order) });
}

/**
 * Does what a word of the bank asks for, under the order's lock, once: what was done already stays. `contradicts` where the
 * bank takes back what it said for good; then nothing is done.
 */
export async function applyWord(
  { tx, log, traceparent }: { tx: Tx; log: Logger; traceparent?: string | undefined },
  order: LockedOrder,
  word: BankWord,
): Promise<{ contradicts: boolean }> {
  const { steps, to, contradicts } = transition(order.status, word.status);
  if (contradicts) {
    log.error(
      { bankOrderId: order.id, status: order.status, word: word.status },
      'the bank takes back what it said of an order: nothing is booked, and somebody has to ask it',
    );
    return { contradicts };
  }
  if (steps.length === 0) return { contradicts };
  // Before the wallet, as every movement locks them: who withdraws from another wallet meanwhile waits, and then owes.
  if (order.merchantId === null && order.direction === 'DEBIT' && steps.includes('RETURN')) await lockPerson(tx, order.personId);
  let { status } = order;
  for (const step of steps) {
    const owed = order.merchantId === null ? await bookStep(tx, order, step) : await bookPayoutStep(tx, order, step);
    status = step === 'SETTLE' ? 'SETTLED' : to;
    const reason = step === 'RETURN' ? 'RETURNED' : word.status === 'FAILED' ? word.reason : null;
    const endedAt = await keep(tx, order, { status, reason, owed, bankOrderId: word.bankOrderId });
    await emit(tx, { traceparent }, [
      order.merchantId === null
        ? await eventOf(tx, order, { step, reason, owed, occurredAt: endedAt })
        : payoutEvent(order, { step, reason, occurredAt: endedAt }),
    ]);
  }
  return { contradicts };
}

/** Books a step. Gives what the person owes after it. */
async function bookStep(tx: Tx, order: PersonOrder, step: OrderStep): Promise<bigint> {
  const { personId, walletId, currency } = order;
  const wallet = (await lockWallets(tx, [walletId])).get(walletId)!;
  let owed = 0n;
  for (const posting of postingsOf(step, order, wallet.posted - wallet.pending)) {
    const transaction = {
      ...posting, personId, walletId, currency,
      id: posting.kind === 'TOP_UP' ? order.id : uuidv7(),
      // A withdrawal stands in the books already; a returned top-up does, too, once its settlement was booked.
      ...(posting.kind === 'TOP_UP' ? {} : { parentId: order.id }),
      externalRef: `${posting.kind}:${order.id}`,
      legs: legsOf(posting.legs, order),
    };
    const moves = posting.legs.some(({ debit, credit }) => debit === 'WALLET' || credit === 'WALLET');
    await (moves ? post : postBetweenOwn)(tx, transaction);
    if (posting.kind === 'BANK_RECEIVABLE') owed = posting.amount;
  }
  return owed;
}

function legsOf(legs: OrderPosting['legs'], order: { walletId: string; currency: CurrencyCode }): Leg[] {
  const idOf = (account: OrderAccount) => (account === 'WALLET' ? order.walletId : systemAccountId(account, order.currency));
  return legs.map(({ debit, credit, amount }) => ({ debit: idOf(debit), credit: idOf(credit), amount }));
}

async function keep(
  tx: Tx, order: LockedOrder,
  { status, reason, owed, bankOrderId }: { status: string; reason: string | null; owed: bigint; bankOrderId: string | null },
): Promise<Date> {
  const [rows]: [{ at: Date }[], number] = await tx.query(
    `/* bankOrders.keep */ UPDATE bank_order SET status = $2, "failureReason" = $3, owed = $4,
       "bankOrderId" = coalesce("bankOrderId", $5), "endedAt" = coalesce("endedAt", clock_timestamp()),
       "returnedAt" = CASE $2 WHEN 'RETURNED' THEN clock_timestamp() END
     WHERE id = $1 RETURNING coalesce("returnedAt", "endedAt") AS at`,
    [order.id, status, reason, String(owed), bankOrderId],
  );
  return rows[0]!.at;
}

interface Told {
  readonly step: OrderStep;
  readonly reason: string | null;
  readonly owed: bigint;
  readonly occurredAt: Date;
}

async function eventOf(tx: Tx, order: PersonOrder, { step, reason, owed, occurredAt }: Told): Promise<Emission> {
  const { id: transactionId, direction, personId, walletId, currency, amount, fee, paymentMethodId, last4 } = order;
  const wallet = (await lockWallets(tx, [walletId])).get(walletId)!;
  const common = {
    transactionId, personId, walletId, currency, amount, paymentMethodId, last4, balanceAfter: wallet.posted, occurredAt,
  };
  const failed = { ...common, reason: reason as never };
  if (direction === 'DEBIT') {
    return step === 'SETTLE' ? { type: 'topup.settled', data: { ...common, method: 'BANK_ACCOUNT' } } : { type: 'bank-topup.failed', data: { ...failed, owed } };
  }
  return step === 'SETTLE'
    ? { type: 'withdrawal.settled', data: { ...common, fee } }
    : { type: 'withdrawal.failed', data: { ...failed, fee } };
}
