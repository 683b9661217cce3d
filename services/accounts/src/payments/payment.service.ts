import type { Money } from '@tael/money';
import type { Sealer } from '@tael/platform/seal';
import type { Tx } from '@tael/platform/postgres';
import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { checkAmount } from '../amounts/amount.domain';
import { emit } from '../events/emission';
import type { WaiverOffer } from '../fee-waivers/fee-waiver.domain';
import { spendWaiver } from '../fee-waivers/fee-waiver.service';
import { keyRefusals, once, type StoredAnswer } from '../idempotency/idempotency.service';
import { uuidOf } from '../ids.domain';
import { merchantInflowId, systemAccountId } from '../ledger/account.ids';
import { type Leg, openMerchantInflow, post } from '../ledger/ledger.service';
import { countMovement, type MovementRow, movementOf } from '../limits/movement.service';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { Caller } from '../transactions/transaction.domain';
import { descriptionRefusals } from '../transactions/description.domain';
import { decidePayment, type PayableMerchant, type PaymentPlan, type PaymentState } from './payment.domain';

export interface PaymentWish {
  readonly walletId: string;
  readonly merchantId: string;
  readonly amount: Money;
}

export interface PayMerchant extends PaymentWish {
  readonly description: string | undefined;
  readonly idempotencyKey: string;
}

interface StateRow extends MovementRow {
  readonly merchant: PayableMerchant | null;
  readonly schedule: { rateBasisPoints: number; minimum: string; maximum: string; nextFrom: string | null } | null;
  readonly offers: readonly OfferRow[];
}

interface OfferRow extends Omit<WaiverOffer, 'activeTimes' | 'startsAt' | 'endsAt' | 'minimumAmount' | 'maximumPerPayment' | 'budgetLeft' | 'promise'> {
  readonly activeTimes: readonly { from: string; to: string | null }[];
  readonly startsAt: string | null;
  readonly endsAt: string | null;
  readonly minimumAmount: string | null;
  readonly maximumPerPayment: string | null;
  readonly budgetLeft: string;
  readonly promise: { waived: string; validUntil: string } | null;
}

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
const minorOf = (text: string | null): bigint | null => (text === null ? null : BigInt(text));

function offerOf(row: OfferRow): WaiverOffer {
  return {
    ...row,
    activeTimes: row.activeTimes.map(({ from, to }) => ({ from: new Date(from), to: dateOf(to) })),
    startsAt: dateOf(row.startsAt),
    endsAt: dateOf(row.endsAt),
    minimumAmount: minorOf(row.minimumAmount),
    maximumPerPayment: minorOf(row.maximumPerPayment),
    budgetLeft: BigInt(row.budgetLeft),
    promise: row.promise && { waived: BigInt(row.promise.waived), validUntil: new Date(row.promise.validUntil) },
  };
}

/** A payment's state and the instant at which it was read, to the microsecond. */
export interface ReadPayment extends PaymentState {
  readonly recordedAt: string;
}

/** Reads what a payment depends on; with `lock` under the locks that make the answer stand. */
export async function readPayment(
  manager: EntityManager,
  payment: { personId: string; walletId: string; merchantId: string; amount: Money; lock: boolean },
): Promise<ReadPayment> {
  const { personId, walletId, merchantId, lock } = payment;
  const { currency, minor } = payment.amount;
  const rows: [{ state: StateRow }] = await manager.query(
    '/* payments.state */ SELECT payment_state($1, $2, $3, $4, $5, $6, $7) AS state',
    [personId, walletId, merchantId, merchantInflowId(merchantId, currency), currency, String(minor), lock],
  );
  const { state } = rows[0];
  if (!state.schedule) throw new Error(`no fee schedule for ${currency} at ${state.at}`);
  const movement = movementOf(state);
  const wallet = movement.wallets.get(walletId);
  return {
    ...movement,
    wallet: wallet?.personId === personId ? wallet : undefined,
    merchant: state.merchant ?? undefined,
    schedule: {
      rateBasisPoints: state.schedule.rateBasisPoints,
      minimum: BigInt(state.schedule.minimum),
      maximum: BigInt(state.schedule.maximum),
      nextFrom: dateOf(state.schedule.nextFrom),
    },
    offers: state.offers.map(offerOf),
  };
}

/** Pays merchants from wallets: one transaction holds the key, the locks, the decision, the postings and the event. */
export class PaymentService {
  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer }) {}

  async pay(caller: Caller, command: PayMerchant): Promise<StoredAnswer> {
    const invalid = [...keyRefusals(command.idempotencyKey), ...descriptionRefusals(command.description, 'description')];
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const amount = checkAmount(command.amount);
    if (!amount.ok) return amount;
    const walletId = uuidOf(command.walletId);
    const merchantId = uuidOf(command.merchantId);
    if (!walletId) return refuse('NOT_FOUND', ['input', 'walletId']);
    if (!merchantId) return refuse('NOT_FOUND', ['input', 'merchantId']);
    const transactionId = uuidv7();
    const claim = {
      scope: caller.personId,
      key: command.idempotencyKey,
      mutation: 'payMerchant',
      input: {
        walletId, merchantId, minor: String(command.amount.minor), currency: command.amount.currency,
        description: command.description ?? null,
      },
      transactionId,
    };
    return once(this.parts.dataSource, claim, (tx) => this.book(tx, caller, { ...command, walletId, merchantId, transactionId }));
  }

  private async book(tx: Tx, caller: Caller, payment: PayMerchant & { transactionId: string }): Promise<Outcome<object>> {
    const { personId } = caller;
    const { walletId, merchantId, transactionId } = payment;
    const state = await readPayment(tx, { personId, walletId, merchantId, amount: payment.amount, lock: true });
    const decided = await this.decideAndSpend(tx, personId, state, payment.amount);
    if (!decided.ok) return decided;
    const { plan } = decided;
    if (!plan.merchant.inflowOpen) await openMerchantInflow(tx, merchantId, plan.currency);
    await countMovement(tx, { personId, payments: 1, recordedAt: state.recordedAt, uses: plan.limitUses });
    const posted = await post(tx, {
      id: transactionId, kind: 'PAYMENT', currency: plan.currency, amount: plan.amount, fee: plan.fee, personId, walletId, merchantId,
      feeWaived: plan.feeBeforeWaiver - plan.fee,
      ...(plan.waiver ? { campaignId: plan.waiver.campaignId } : {}),
      description: payment.description === undefined ? undefined : this.parts.sealer.seal(payment.description, transactionId),
      recordedAt: state.recordedAt,
      legs: legsOf(plan, walletId),
    });
    await emit(tx, caller, [{
      type: 'payment.settled',
      data: {
        transactionId, personId, walletId, currency: plan.currency, amount: plan.amount,
        balanceAfter: posted.balances.get(walletId)!.posted, occurredAt: state.at,
        merchantId, merchantCategoryCode: plan.merchant.categoryCode,
        fee: plan.fee, feeBeforeWaiver: plan.feeBeforeWaiver,
        waiverCampaignId: plan.waiver?.campaignId ?? null, waived: plan.feeBeforeWaiver - plan.fee, ordinal: plan.ordinal,
      },
    }]);
    return { ok: true };
  }

  /** Decides, and spends the waiver that was chosen; where its budget is gone by then, decides again without that offer. */
  private async decideAndSpend(
    tx: Tx, personId: string, state: PaymentState, amount: Money,
  ): Promise<Outcome<{ plan: PaymentPlan }>> {
    let offers = state.offers;
    for (;;) {
      const decided = decidePayment({ ...state, offers }, amount);
      if (!decided.ok || !decided.plan.waiver) return decided;
      const { campaignId, waived, cap } = decided.plan.waiver;
      if (await spendWaiver(tx, { campaignId, personId, amount: waived, cap })) return decided;
      offers = offers.filter((offer) => offer.campaignId !== campaignId);
    }
  }
}

function legsOf(plan: PaymentPlan, walletId: string): Leg[] {
  const payment = { debit: walletId, credit: merchantInflowId(plan.merchant.id, plan.currency), amount: plan.amount };
  if (plan.fee === 0n) return [payment];
  return [payment, { debit: walletId, credit: systemAccountId('FEES', plan.currency), amount: plan.fee }];
}
