import type { Money } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { checkAmount } from '../amounts/amount.domain';
import type { PaymentMethodStatus } from '../bank-accounts/bank-account.domain';
import { bookOpening } from '../bank-orders/bank-order-booking.service';
import { type BankOrderService, type BankOrderState, openOrder } from '../bank-orders/bank-order.service';
import { owedBy } from '../debts/debt.store';
import type { FeeRate } from '../fees/fee.domain';
import { keyRefusals, once } from '../idempotency/idempotency.service';
import { uuidOf } from '../ids.domain';
import { countMovement, lockMovement } from '../limits/movement.service';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { StepUpService } from '../step-ups/step-up.service';
import type { Caller } from '../transactions/transaction.domain';
import { decideWithdrawal } from './withdrawal.domain';

export interface WithdrawalCommand {
  readonly walletId: string;
  readonly paymentMethodId: string;
  readonly amount: Money;
  readonly idempotencyKey: string;
  /** An approved step-up for this withdrawal; a large one of somebody with a second factor needs it. */
  readonly stepUpId?: string | undefined;
}

interface WithdrawalParts {
  readonly dataSource: DataSource;
  readonly stepUps: StepUpService;
  readonly bankOrders: BankOrderService;
}

interface Wish {
  readonly id: string;
  readonly walletId: string;
  readonly paymentMethodId: string;
  readonly amount: Money;
}

/**
 * Withdrawals: the money leaves the wallet in the transaction of the key; then the order goes to the bank, outside of any
 * transaction. Until the bank says how it ended, the withdrawal is PENDING; where it fails, all of it comes back.
 */
export class WithdrawalService {
  constructor(private readonly parts: WithdrawalParts) {}

  async withdraw(caller: Caller, command: WithdrawalCommand): Promise<Outcome<{ order: BankOrderState }>> {
    const startedAt = performance.now();
    const { amount, idempotencyKey, stepUpId } = command;
    const invalid = keyRefusals(idempotencyKey);
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const checked = checkAmount(amount);
    if (!checked.ok) return checked;
    const walletId = uuidOf(command.walletId);
    const paymentMethodId = uuidOf(command.paymentMethodId);
    if (!walletId) return refuse('NOT_FOUND', ['input', 'walletId']);
    if (!paymentMethodId) return refuse('NOT_FOUND', ['input', 'paymentMethodId']);
    const { personId, sessionId } = caller;
    const wish = { id: uuidv7(), walletId, paymentMethodId, amount };
    const claim = {
      scope: personId,
      key: idempotencyKey,
      mutation: 'withdraw' as const,
      transactionId: wish.id,
      input: { walletId, paymentMethodId, minor: String(amount.minor), currency: amount.currency },
    };
    const action = { purpose: 'WITHDRAW', walletId, paymentMethodId, amount } as const;
    const answer = await once(this.parts.dataSource, claim, (tx) =>
      this.parts.stepUps.guardMovement(tx, { personId, sessionId, stepUpId, amount, action }, () => this.open(tx, personId, wish)));
    if (!answer.ok) return answer;
    return { ok: true, order: await this.parts.bankOrders.advance(answer.transactionId, caller.traceparent, startedAt) };
  }

  private async open(tx: Tx, personId: string, { id, walletId, paymentMethodId, amount }: Wish): Promise<Outcome<object>> {
    const { currency, minor } = amount;
    const state = await lockMovement(tx, { personId, walletIds: [walletId], kind: 'WITHDRAWAL', currency });
    const [method]: { kind: string; status: PaymentMethodStatus; last4: string }[] = await tx.query(
      '/* withdrawals.method */ SELECT kind, status, last4 FROM payment_method WHERE id = $1 AND "personId" = $2',
      [paymentMethodId, personId],
    );
    const own = state.wallets.get(walletId);
    const decided = decideWithdrawal({
      wallet: own?.personId === personId ? own : undefined, method, owed: await owedBy(tx, personId), limits: state.limits,
      schedule: await scheduleOf(tx, currency, state.recordedAt),
    }, amount);
    if (!decided.ok) return decided;
    await countMovement(tx, { personId, payments: 0, recordedAt: state.recordedAt, uses: decided.limitUses });
    const order = {
      id, direction: 'CREDIT', personId, walletId, paymentMethodId, currency, amount: minor, fee: decided.fee, last4: method!.last4,
    } as const;
    await openOrder(tx, order, state.recordedAt);
    await bookOpening(tx, order, state.recordedAt);
    return { ok: true };
  }
}

async function scheduleOf(tx: Tx, currency: string, at: string): Promise<FeeRate> {
  const [schedule]: FeeRate[] = await tx.query(
    `/* withdrawals.fee */ SELECT "rateBasisPoints", minimum, maximum FROM fee_schedule
     WHERE kind = 'WITHDRAWAL' AND currency = $1 AND "effectiveFrom" <= $2::timestamptz ORDER BY "enteredAt" DESC LIMIT 1`,
    [currency, at],
  );
  if (!schedule) throw new Error(`there is no fee schedule for withdrawals in ${currency}`);
  return schedule;
}
