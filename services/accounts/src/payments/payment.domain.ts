import type { CurrencyCode, Money } from '@tael/money';
import { refuseDebtor } from '../debts/debt.domain';
import { chooseWaiver, type Waiver, type WaiverOffer } from '../fee-waivers/fee-waiver.domain';
import { type FeeSchedule, paymentFee, QUOTE_VALIDITY_MS } from '../fees/fee.domain';
import { available, type LockedAccount } from '../ledger/account.domain';
import { type LimitState, type LimitUse, takeLimits } from '../limits/limit.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { spendable } from '../wallets/wallet-freeze.domain';

export interface PayableMerchant {
  readonly id: string;
  readonly categoryCode: string;
  readonly status: 'PENDING' | 'ACTIVE' | 'SUSPENDED';
  /** Whether the payer acts for it or is an operator. */
  readonly own: boolean;
  /** Whether the account that takes its money in the payment's currency stands already. */
  readonly inflowOpen: boolean;
}

/** All that a payment depends on, read at one instant; for a payment under locks, for a quote without. */
export interface PaymentState {
  readonly at: Date;
  /** The wallet, where it is the payer's own. */
  readonly wallet: LockedAccount | undefined;
  readonly merchant: PayableMerchant | undefined;
  /** What the payer owes for returned top-ups, where they act for the merchant: to pay oneself is to send. Else nobody has asked. */
  readonly owed: readonly Money[];
  readonly schedule: FeeSchedule;
  readonly offers: readonly WaiverOffer[];
  /** How many payments the person has made, ever. */
  readonly paymentsMade: number;
  readonly limits: readonly LimitState[];
}

export interface Price {
  readonly merchant: PayableMerchant;
  readonly currency: CurrencyCode;
  readonly amount: bigint;
  readonly feeBeforeWaiver: bigint;
  readonly fee: bigint;
  readonly total: bigint;
  readonly waiver: Waiver | undefined;
  readonly ordinal: number;
  readonly validUntil: Date;
}

export interface PaymentPlan extends Price {
  readonly limitUses: readonly LimitUse[];
}

/** Says whether a payer may know of a merchant: who was never active does not exist for strangers, as merchant(id:) has it. */
const isKnown = ({ status, own }: PayableMerchant): boolean => status !== 'PENDING' || own;

/** Says what a payment costs. The one place where fees and waivers are reckoned: quotes show it, payments charge it. */
export function pricePayment(state: PaymentState, amount: Money): Outcome<{ price: Price }> {
  const { merchant, schedule, at } = state;
  const own = spendable(state.wallet);
  if (!own.ok) return own;
  if (own.wallet.currency !== amount.currency) return refuse('CURRENCY_MISMATCH', ['input', 'amount', 'currency']);
  if (!merchant || !isKnown(merchant)) return refuse('NOT_FOUND', ['input', 'merchantId']);
  if (merchant.status !== 'ACTIVE') return refuse('MERCHANT_NOT_ACTIVE', ['input', 'merchantId']);
  const ordinal = state.paymentsMade + 1;
  const feeBeforeWaiver = paymentFee(amount.minor, schedule);
  const waiver = chooseWaiver(state.offers, {
    currency: amount.currency, amount: amount.minor, fee: feeBeforeWaiver, ordinal, at,
    merchantId: merchant.id, merchantCategoryCode: merchant.categoryCode,
  });
  const fee = feeBeforeWaiver - (waiver?.waived ?? 0n);
  const ends = [at.getTime() + QUOTE_VALIDITY_MS, schedule.nextFrom?.getTime(), waiver?.endsAt?.getTime()];
  return {
    ok: true,
    price: {
      merchant, currency: amount.currency, amount: amount.minor, feeBeforeWaiver, fee, total: amount.minor + fee, waiver, ordinal,
      validUntil: new Date(Math.min(...ends.filter((end): end is number => end !== undefined))),
    },
  };
}

/** Decides a payment on locked state: its price, whether who owes pays a shop of their own, the limits it takes, and whether the money is there. */
export function decidePayment(state: PaymentState, amount: Money): Outcome<{ plan: PaymentPlan }> {
  const priced = pricePayment(state, amount);
  if (!priced.ok) return priced;
  if (state.owed.length > 0) return refuseDebtor(state.owed, 'DEBT_OPEN_PAYMENT');
  const limits = takeLimits(state.limits, amount.minor);
  if (!limits.ok) return limits;
  if (priced.price.total > available(state.wallet!)) return refuse('INSUFFICIENT_FUNDS', ['input', 'amount', 'amount']);
  return { ok: true, plan: { ...priced.price, limitUses: limits.uses } };
}
