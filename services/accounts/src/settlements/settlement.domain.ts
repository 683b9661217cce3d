import { basisPointsOf, type CurrencyCode, fractionDigits } from '@tael/money';

/** What came to a merchant in a batch, and what went back. */
export interface BatchSums {
  readonly gross: bigint;
  readonly refunds: bigint;
  /** What else moved on the merchant's inflow, signed: what came counts up. */
  readonly adjustments: bigint;
  readonly paymentCount: number;
  readonly refundCount: number;
  /** What the fixed fee comes to over its payments (`fixedFeeOf` each). */
  readonly fixedFees: bigint;
}

/** What a merchant is charged, and how much is held back for how long. */
export interface Terms {
  /** Of all that was paid in a batch; refunds give nothing of it back. */
  readonly feeBasisPoints: number;
  /** For each payment, in minor units; of a payment that is smaller, what the rate leaves of it. */
  readonly feeFixed: bigint;
  readonly reserveBasisPoints: number;
  readonly reserveDays: number;
}

export const RESERVE_DAYS_MAX = 365;
/** A fifth of what is paid: no terms that anybody sets on purpose are higher. */
export const FEE_BASIS_POINTS_MAX = 2_000;

/** The most that a payment may cost besides the rate: 5.00 of a currency with two digits, as the highest fee that a payer is charged. */
export function feeFixedMax(currency: CurrencyCode): bigint {
  return fractionDigits(currency) === 3 ? 2_000n : 500n;
}

/**
 * Gives the fixed fee of one payment: never more than the rate, rounded up, leaves of it. So rate and fixed fees of a batch are never more
 * than its gross, however small its payments are. `BATCH` says the same in SQL.
 */
export function fixedFeeOf(amount: bigint, { feeBasisPoints, feeFixed }: Pick<Terms, 'feeBasisPoints' | 'feeFixed'>): bigint {
  return least(feeFixed, amount - (amount * BigInt(feeBasisPoints) + 9_999n) / 10_000n);
}

/** Where a merchant stands before a batch. */
export interface Standing {
  /** What is owed to the merchant and not under way to its bank. */
  readonly payable: bigint;
  /** What the merchant owes from batches in which more went back than came. */
  readonly owed: bigint;
  /** What was held back and is due. */
  readonly releasable: bigint;
}

/** A batch, worked out. gross - refunds + adjustments - fees - reserveHeld + reserveReleased = net, and opening + net = closing. */
export interface Figures extends BatchSums {
  readonly fees: bigint;
  readonly reserveHeld: bigint;
  readonly reserveReleased: bigint;
  readonly net: bigint;
  /** What the merchant had to get before; below zero where it owed. */
  readonly opening: bigint;
  readonly closing: bigint;
  /** What can be paid out after it. Never below zero. */
  readonly payable: bigint;
  /** What the merchant owes after it: carried over to the next batch, never paid. */
  readonly owed: bigint;
}

/** Works a batch out. The rate is rounded once, half-even; nothing is held back of money that is not there. */
export function settle(sums: BatchSums, terms: Terms, standing: Standing): Figures {
  const fees = basisPointsOf(sums.gross, terms.feeBasisPoints) + sums.fixedFees;
  const opening = standing.payable - standing.owed;
  const beforeReserve = sums.gross - sums.refunds + sums.adjustments - fees + standing.releasable;
  const reserveHeld = least(basisPointsOf(sums.gross, terms.reserveBasisPoints), notNegative(opening + beforeReserve));
  const net = beforeReserve - reserveHeld;
  const closing = opening + net;
  return {
    ...sums, fees, reserveHeld, reserveReleased: standing.releasable, net, opening, closing, payable: notNegative(closing), owed: notNegative(-closing),
  };
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const notNegative = (amount: bigint): bigint => (amount > 0n ? amount : 0n);

/** The accounts of the books that a batch moves; all but the fees' are the merchant's. */
export type SettlementAccount = 'MERCHANT_INFLOW' | 'MERCHANT_PAYABLE' | 'MERCHANT_RESERVE' | 'MERCHANT_RECEIVABLE' | 'MERCHANT_FEES';

export interface SettlementLeg {
  readonly debit: SettlementAccount;
  readonly credit: SettlementAccount;
  readonly amount: bigint;
}

/** Gives what a batch moves on each account but the inflow. */
export function movesOf(figures: Figures, standing: Standing): ReadonlyMap<SettlementAccount, bigint> {
  return new Map([
    ['MERCHANT_FEES', figures.fees],
    ['MERCHANT_RESERVE', figures.reserveHeld - figures.reserveReleased],
    ['MERCHANT_RECEIVABLE', standing.owed - figures.owed],
    ['MERCHANT_PAYABLE', figures.payable - standing.payable],
  ]);
}

/** Gives the legs of a batch: out of what came to the merchant, or back into it where more went back. */
export function settlementLegs(figures: Figures, standing: Standing): SettlementLeg[] {
  return [...movesOf(figures, standing)].flatMap(([account, moved]): SettlementLeg[] => {
    if (moved === 0n) return [];
    return moved > 0n
      ? [{ debit: 'MERCHANT_INFLOW', credit: account, amount: moved }]
      : [{ debit: account, credit: 'MERCHANT_INFLOW', amount: -moved }];
  });
}

/** Who may see what is settled with a merchant, and who may say where it is paid to. */
export interface MerchantPeople {
  readonly people: readonly string[];
  readonly cashiers: readonly string[];
  /** Null where the merchant was told of before its owners were: then nobody is known to be one. */
  readonly owners: readonly string[] | null;
}

export interface Looker {
  readonly personId: string;
  readonly operator: boolean;
}

/** Operators and the merchant's people see its settlements, but for cashiers. */
export function maySeeSettlements(merchant: MerchantPeople | undefined, { personId, operator }: Looker): boolean {
  if (!merchant) return false;
  return operator || (merchant.people.includes(personId) && !merchant.cashiers.includes(personId));
}

/** Why an operator decides nothing of a merchant that they have any part in, of the money it is charged, paid or settled; undefined where they have none. */
export function ownMerchantDenial(merchant: Pick<MerchantPeople, 'people'> | undefined, { personId }: Pick<Looker, 'personId'>): 'OWN_MERCHANT' | undefined {
  return merchant?.people.includes(personId) ? 'OWN_MERCHANT' : undefined;
}

/** Only an owner says where the money goes: no operator, and no manager. */
export function isOwner(merchant: MerchantPeople | undefined, { personId }: Looker): boolean {
  return merchant?.owners?.includes(personId) ?? false;
}
