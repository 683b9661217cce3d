import { type CurrencyCode, least } from '@tael/money';

/** A fee-waiver campaign as rewards offered it: when a payment meets it, and how much it may give. */
export interface WaiverTerms {
  readonly campaignId: string;
  readonly currency: CurrencyCode;
  readonly activeTimes: readonly { readonly from: Date; readonly to: Date | null }[];
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  readonly minimumAmount: bigint | null;
  readonly merchantIds: readonly string[] | null;
  readonly merchantCategoryCodes: readonly string[] | null;
  readonly firstPaymentOnly: boolean;
  readonly maximumRewardsPerUser: number | null;
  readonly maximumPerPayment: bigint | null;
}

/** An offer as it stands for a payer: what is left of its budget, and how often they used it. */
export interface WaiverOffer extends WaiverTerms {
  readonly budgetLeft: bigint;
  readonly uses: number;
}

/** The payment that wants its fee waived. */
export interface WaivablePayment {
  readonly currency: CurrencyCode;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly merchantId: string;
  readonly merchantCategoryCode: string;
  /** 1 for the person's first payment ever. */
  readonly ordinal: number;
  readonly at: Date;
}

export interface Waiver {
  readonly campaignId: string;
  readonly waived: bigint;
  readonly cap: number | null;
  /** When the offer is known to end. */
  readonly endsAt: Date | null;
}

/** Says how much of a fee an offer may take, budget and cap aside. */
export function waivable(fee: bigint, terms: Pick<WaiverTerms, 'maximumPerPayment'>): bigint {
  return terms.maximumPerPayment === null ? fee : least(fee, terms.maximumPerPayment);
}

/** Times begin with their first instant and end before their last. */
export function isActive(terms: Pick<WaiverTerms, 'activeTimes' | 'startsAt' | 'endsAt'>, at: Date): boolean {
  if (terms.startsAt && at < terms.startsAt) return false;
  if (terms.endsAt && at >= terms.endsAt) return false;
  return terms.activeTimes.some((time) => at >= time.from && (time.to === null || at < time.to));
}

function meets(offer: WaiverOffer, payment: WaivablePayment): boolean {
  return (
    offer.currency === payment.currency &&
    isActive(offer, payment.at) &&
    (offer.minimumAmount === null || payment.amount >= offer.minimumAmount) &&
    (offer.merchantIds === null || offer.merchantIds.includes(payment.merchantId)) &&
    (offer.merchantCategoryCodes === null || offer.merchantCategoryCodes.includes(payment.merchantCategoryCode)) &&
    (!offer.firstPaymentOnly || payment.ordinal === 1) &&
    (offer.maximumRewardsPerUser === null || offer.uses < offer.maximumRewardsPerUser)
  );
}

/**
 * Chooses the one waiver of a payment's fee: the largest, of equal ones that of the smaller campaign id. An offer whose
 * budget does not suffice for all that it would waive gives nothing.
 */
export function chooseWaiver(offers: readonly WaiverOffer[], payment: WaivablePayment): Waiver | undefined {
  let best: Waiver | undefined;
  for (const offer of offers) {
    if (!meets(offer, payment)) continue;
    const waived = waivable(payment.fee, offer);
    if (waived === 0n || waived > offer.budgetLeft) continue;
    const better = !best || waived > best.waived || (waived === best.waived && offer.campaignId < best.campaignId);
    if (!better) continue;
    best = { campaignId: offer.campaignId, waived, cap: offer.maximumRewardsPerUser, endsAt: knownEnd(offer, payment.at) };
  }
  return best;
}

function knownEnd(offer: WaiverTerms, at: Date): Date | null {
  const active = offer.activeTimes.find((time) => at >= time.from && (time.to === null || at < time.to));
  const ends = [offer.endsAt, active?.to ?? null].filter((end): end is Date => end !== null);
  return ends.length === 0 ? null : new Date(Math.min(...ends.map((end) => end.getTime())));
}
