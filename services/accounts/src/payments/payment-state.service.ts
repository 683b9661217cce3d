import type { CurrencyCode, Money } from '@tael/money';
import type { EntityManager } from 'typeorm';
import type { WaiverOffer } from '../fee-waivers/fee-waiver.domain';
import type { LockedAccount } from '../ledger/account.domain';
import { merchantInflowId } from '../ledger/account.ids';
import type { Viewer } from '../transactions/transaction.domain';
import type { LimitDefinition } from '../limits/limit.definitions.domain';
import type { PayableMerchant, PaymentState } from './payment.domain';

/** What `payment_states` gives. */
export interface StatesRow {
  readonly at: string;
  readonly payments: readonly {
    paymentsMade: string;
    wallet: (Pick<LockedAccount, 'id' | 'personId' | 'currency' | 'frozen'> & { posted: string; pending: string }) | null;
    merchant: PayableMerchant | null;
    /** Null where nothing is owed, or where the payer does not act for the merchant. */
    owed: readonly { currency: CurrencyCode; minor: string }[] | null;
    used: Readonly<Record<string, string>>;
  }[];
  readonly limits: readonly (Pick<LimitDefinition, 'id' | 'measure' | 'window'> & { currency: CurrencyCode | null; cap: string })[];
  readonly schedules: Readonly<Record<string, { rateBasisPoints: number; minimum: string; maximum: string; nextFrom: string | null }>>;
  readonly offers: readonly OfferRow[];
}

interface OfferRow extends Omit<WaiverOffer, 'activeTimes' | 'startsAt' | 'endsAt' | 'minimumAmount' | 'maximumPerPayment' | 'budgetLeft' | 'promise'> {
  /** Which payment it is for, from 1. */
  readonly n: number;
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

function offerOf({ n: _n, ...row }: OfferRow): WaiverOffer {
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

function limitsOf(row: StatesRow, currency: CurrencyCode, used: Readonly<Record<string, string>>): PaymentState['limits'] {
  return row.limits
    .filter((limit) => limit.currency === null || limit.currency === currency)
    .map(({ id, measure, window, cap }) => ({ id, measure, window, cap: BigInt(cap), used: window === 'DAY' ? BigInt(used[id] ?? 0) : 0n }));
}

function scheduleOf(row: StatesRow, currency: CurrencyCode): PaymentState['schedule'] {
  const schedule = row.schedules[currency];
  if (!schedule) throw new Error(`no fee schedule for ${currency} at ${row.at}`);
  return {
    rateBasisPoints: schedule.rateBasisPoints, minimum: BigInt(schedule.minimum), maximum: BigInt(schedule.maximum),
    nextFrom: dateOf(schedule.nextFrom),
  };
}

/** Whose payment from which wallet to whom; the ids as the database writes them. */
export interface PaymentTarget extends Viewer {
  readonly walletId: string;
  readonly merchantId: string;
  readonly amount: Money;
}

/** States of payments in their places, and the one instant at which they were read, to the microsecond. */
export interface ReadPayments {
  readonly recordedAt: string;
  readonly states: readonly PaymentState[];
}

/** The arrays by which the database knows payments: people, wallets, merchants, their inflows, currencies, amounts. */
export function targetsOf(payments: readonly PaymentTarget[]): string[][] {
  return [
    payments.map((payment) => payment.personId), payments.map((payment) => payment.walletId),
    payments.map((payment) => payment.merchantId),
    payments.map(({ merchantId, amount }) => merchantInflowId(merchantId, amount.currency)),
    payments.map(({ amount }) => amount.currency), payments.map(({ amount }) => String(amount.minor)),
  ];
}

/** Reads what payments of different people depend on; with `lock` under the locks that make the answer stand. */
export async function readPayments(
  manager: EntityManager, payments: readonly PaymentTarget[], options: { lock: boolean },
): Promise<ReadPayments> {
  const [{ states }]: [{ states: StatesRow }] = await manager.query(
    `/* payments.states */ SELECT payment_states($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7) AS states`,
    [...targetsOf(payments), options.lock],
  );
  return paymentsOf(payments, states);
}

/** Makes the states of payments, in their places, of what the database gave. */
export function paymentsOf(payments: readonly PaymentTarget[], row: StatesRow): ReadPayments {
  const states = payments.map(({ personId, operator, amount: { currency } }, index): PaymentState => {
    const { wallet, merchant, owed, paymentsMade, used } = row.payments[index]!;
    return {
      at: new Date(row.at),
      paymentsMade: Number(paymentsMade),
      wallet: wallet?.personId === personId ? { ...wallet, posted: BigInt(wallet.posted), pending: BigInt(wallet.pending) } : undefined,
      merchant: merchant ? { ...merchant, own: merchant.own || operator } : undefined,
      owed: (owed ?? []).map(({ currency: code, minor }) => ({ currency: code, minor: BigInt(minor) })),
      schedule: scheduleOf(row, currency),
      limits: limitsOf(row, currency, used),
      offers: row.offers.filter((offer) => offer.n === index + 1).map(offerOf),
    };
  });
  return { recordedAt: row.at, states };
}
