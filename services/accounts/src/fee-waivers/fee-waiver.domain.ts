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

/** What a quote promised of an offer to a payment, whatever becomes of the offer. */
export interface WaiverPromise {
  readonly waived: bigint;
  readonly validUntil: Date;
}

/** An offer as it stands for a payment: what is left of its budget, how often the payer used it, what they were promised. */
export interface WaiverOffer extends WaiverTerms {
  readonly budgetLeft: bigint;
  readonly uses: number;
  readonly promise: WaiverPromise | null;
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
  /** When the offer is known to end; of a promise, when that ends. */
  readonly endsAt: Date | null;
}

/** Says how much of a fee an offer may take, budget and cap aside. */
export function waivable(fee: bigint, terms: Pick<WaiverTerms, 'maximumPerPayment'>): bigint {
  return terms.maximumPerPayment === null ? fee : least(fee, terms.maximumPerPayment);
}

/** Times begin with their first instant and end before their last. */
function activeTime({ activeTimes }: Pick<WaiverTerms, 'activeTimes'>, at: Date): WaiverTerms['activeTimes'][number] | undefined {
  return activeTimes.find((time) => at >= time.from && (time.to === null || at < time.to));
}

export function isActive(terms: Pick<WaiverTerms, 'activeTimes' | 'startsAt' | 'endsAt'>, at: Date): boolean {
  if (terms.startsAt && at < terms.startsAt) return false;
  if (terms.endsAt && at >= terms.endsAt) return false;
  return activeTime(terms, at) !== undefined;
}

function meets(offer: WaiverOffer, payment: WaivablePayment): boolean {
  return (
    isActive(offer, payment.at) &&
    (offer.minimumAmount === null || payment.amount >= offer.minimumAmount) &&
    (offer.merchantIds === null || offer.merchantIds.includes(payment.merchantId)) &&
    (offer.merchantCategoryCodes === null || offer.merchantCategoryCodes.includes(payment.merchantCategoryCode))
  );
}

/** Says whether the payer has not used the offer up: what no promise overrules. */
function isLeft(offer: WaiverOffer, payment: WaivablePayment): boolean {
  return (
    offer.currency === payment.currency &&
    (!offer.firstPaymentOnly || payment.ordinal === 1) &&
    (offer.maximumRewardsPerUser === null || offer.uses < offer.maximumRewardsPerUser)
  );
}

/** Says what an offer may give: by its terms as they stand now, or as a quote promised it. Never more than its budget. */
function waiversOf(offer: WaiverOffer, payment: WaivablePayment): Waiver[] {
  if (!isLeft(offer, payment)) return [];
  const { campaignId, promise, maximumRewardsPerUser: cap } = offer;
  const waivers: Waiver[] = [];
  if (meets(offer, payment)) {
    waivers.push({ campaignId, cap, waived: waivable(payment.fee, offer), endsAt: knownEnd(offer, payment.at) });
  }
  if (promise && payment.at < promise.validUntil) {
    waivers.push({ campaignId, cap, waived: least(payment.fee, promise.waived), endsAt: promise.validUntil });
  }
  return waivers.filter(({ waived }) => waived > 0n && waived <= offer.budgetLeft);
}

function isBetter(waiver: Waiver, best: Waiver): boolean {
  if (waiver.waived !== best.waived) return waiver.waived > best.waived;
  if (waiver.campaignId !== best.campaignId) return waiver.campaignId < best.campaignId;
  return lastsUntil(waiver) > lastsUntil(best);
}

const lastsUntil = ({ endsAt }: Waiver): number => endsAt?.getTime() ?? Infinity;

/**
 * Chooses the one waiver of a payment's fee: the largest, of equal ones that of the smaller campaign id. An offer whose
 * budget does not suffice for all that it would waive gives nothing.
 */
export function chooseWaiver(offers: readonly WaiverOffer[], payment: WaivablePayment): Waiver | undefined {
  let best: Waiver | undefined;
  for (const waiver of offers.flatMap((offer) => waiversOf(offer, payment))) {
    if (!best || isBetter(waiver, best)) best = waiver;
  }
  return best;
}

function knownEnd(offer: WaiverTerms, at: Date): Date | null {
  const ends = [offer.endsAt, activeTime(offer, at)?.to ?? null].filter((end): end is Date => end !== null);
  return ends.length === 0 ? null : new Date(Math.min(...ends.map((end) => end.getTime())));
}
