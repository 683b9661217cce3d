import { type CurrencyCode, isCurrencyCode, parseAmount } from '@tael/money';
import type { Effect } from './campaign.domain';

export interface AmountInput {
  readonly amount: string;
  readonly currency: string;
}

/** A campaign as an operator writes it. */
export interface CampaignInput {
  readonly name: string;
  readonly currency: string;
  readonly startsAt?: Date | null | undefined;
  readonly endsAt?: Date | null | undefined;
  readonly budget: AmountInput;
  readonly conditions: {
    readonly minimumAmount?: AmountInput | null | undefined;
    readonly merchantIds?: readonly string[] | null | undefined;
    readonly merchantCategoryCodes?: readonly string[] | null | undefined;
    readonly firstPaymentOnly?: boolean | null | undefined;
    readonly maximumRewardsPerUser?: number | null | undefined;
  };
  readonly cashback?: { rateBasisPoints: number; maximumPerPayment?: AmountInput | null | undefined } | null | undefined;
  readonly feeWaiver?: { maximumPerPayment?: AmountInput | null | undefined } | null | undefined;
  readonly referralReward?: { referrerReward: AmountInput; friendReward: AmountInput } | null | undefined;
}

/** A campaign that may be stored. */
export interface CampaignDraft {
  readonly name: string;
  readonly currency: CurrencyCode;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  readonly budget: bigint;
  readonly effect: Effect;
  readonly minimumAmount: bigint | null;
  readonly merchantIds: readonly string[] | null;
  readonly merchantCategoryCodes: readonly string[] | null;
  readonly firstPaymentOnly: boolean;
  readonly maximumRewardsPerUser: number | null;
}

export interface DraftRefusal {
  readonly code: 'INVALID_INPUT' | 'CURRENCY_MISMATCH';
  readonly reason: string;
  readonly field: readonly string[];
}

export const NAME_LENGTH_MAX = 120;
export const LIST_LENGTH_MAX = 500;
export const REWARDS_PER_USER_MAX = 1_000_000;
const RATE_MAX = 10_000;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const CATEGORY_CODE = /^[0-9]{4}$/;
// Controls, lone surrogates, line and paragraph separators, and the marks that turn the direction of text: a name with one of
// them could not be stored, or would show as another name than it is.
const UNFIT = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Collects every refusal of an input, each with the path of its field. */
class Review {
  readonly refusals: DraftRefusal[] = [];

  constructor(private readonly currency: string) {}

  refuse(reason: string, field: readonly string[], code: DraftRefusal['code'] = 'INVALID_INPUT'): void {
    this.refusals.push({ code, reason, field: ['input', ...field] });
  }

  /** Reads an amount above zero in the campaign's currency. */
  amount(input: AmountInput, field: readonly string[]): bigint {
    if (!isCurrencyCode(input.currency)) {
      this.refuse('UNKNOWN_CURRENCY', [...field, 'currency']);
      return 0n;
    }
    const parsed = parseAmount(input.amount, input.currency);
    if (!parsed.ok) this.refuse(parsed.fault, [...field, 'amount']);
    else if (parsed.minor <= 0n) this.refuse('NOT_POSITIVE', [...field, 'amount']);
    // With an unusable currency of the campaign itself, that is the one fault to tell.
    if (isCurrencyCode(this.currency) && input.currency !== this.currency) {
      this.refuse('CAMPAIGN', [...field, 'currency'], 'CURRENCY_MISMATCH');
    }
    return parsed.ok ? parsed.minor : 0n;
  }

  optionalAmount(input: AmountInput | null | undefined, field: readonly string[]): bigint | null {
    return input ? this.amount(input, field) : null;
  }

  wholeNumber(value: number, field: readonly string[], maximum: number): void {
    if (!Number.isInteger(value) || value < 1 || value > maximum) this.refuse('OUT_OF_RANGE', field);
  }

  /** Reads a list in which each entry has the format, without what is there twice; null where there is none. */
  list(values: readonly string[] | null | undefined, form: { field: readonly string[]; format: RegExp; reason: string }): string[] | null {
    if (!values) return null;
    const { field, format, reason } = form;
    if (values.length === 0) this.refuse('EMPTY', field);
    if (values.length > LIST_LENGTH_MAX) this.refuse('TOO_LONG', field);
    else if (values.some((value) => !format.test(value))) this.refuse(reason, field);
    return [...new Set(values.map((value) => value.toLowerCase()))];
  }
}

function reviewEffect(input: CampaignInput, review: Review): Effect | undefined {
  const { cashback, feeWaiver, referralReward } = input;
  if ([cashback, feeWaiver, referralReward].filter(Boolean).length !== 1) {
    review.refuse('EXACTLY_ONE_EFFECT', []);
    return undefined;
  }
  if (cashback) {
    review.wholeNumber(cashback.rateBasisPoints, ['cashback', 'rateBasisPoints'], RATE_MAX);
    const maximumPerPayment = review.optionalAmount(cashback.maximumPerPayment, ['cashback', 'maximumPerPayment']);
    return { kind: 'CASHBACK', rateBasisPoints: cashback.rateBasisPoints, maximumPerPayment };
  }
  if (feeWaiver) {
    const maximumPerPayment = review.optionalAmount(feeWaiver.maximumPerPayment, ['feeWaiver', 'maximumPerPayment']);
    return { kind: 'FEE_WAIVER', maximumPerPayment };
  }
  return {
    kind: 'REFERRAL_REWARD',
    referrerReward: review.amount(referralReward!.referrerReward, ['referralReward', 'referrerReward']),
    friendReward: review.amount(referralReward!.friendReward, ['referralReward', 'friendReward']),
  };
}

function reviewName(text: string, review: Review): string {
  const name = text.trim();
  if (UNFIT.test(name)) review.refuse('CHARACTERS', ['name']);
  else if (!VISIBLE.test(name)) review.refuse('EMPTY', ['name']);
  else if (Array.from(name).length > NAME_LENGTH_MAX) review.refuse('TOO_LONG', ['name']);
  return name;
}

/** Reads what an operator wrote as a campaign, or tells all that is wrong with it. */
export function draftCampaign(
  input: CampaignInput, now: Date,
): { ok: true; draft: CampaignDraft } | { ok: false; refusals: readonly DraftRefusal[] } {
  const review = new Review(input.currency);
  const { conditions, startsAt = null, endsAt = null } = input;
  const at = (name: string): string[] => ['conditions', name];

  const name = reviewName(input.name, review);
  if (!isCurrencyCode(input.currency)) review.refuse('UNKNOWN_CURRENCY', ['currency']);
  if (startsAt && endsAt && endsAt <= startsAt) review.refuse('ENDS_BEFORE_START', ['endsAt']);
  else if (endsAt && endsAt <= now) review.refuse('ENDS_IN_THE_PAST', ['endsAt']);
  const budget = review.amount(input.budget, ['budget']);
  const minimumAmount = review.optionalAmount(conditions.minimumAmount, at('minimumAmount'));
  const merchantIds = review.list(conditions.merchantIds, { field: at('merchantIds'), format: UUID, reason: 'ID' });
  const merchantCategoryCodes = review.list(conditions.merchantCategoryCodes, {
    field: at('merchantCategoryCodes'), format: CATEGORY_CODE, reason: 'CATEGORY_CODE',
  });
  const maximumRewardsPerUser = conditions.maximumRewardsPerUser ?? null;
  if (maximumRewardsPerUser !== null) {
    review.wholeNumber(maximumRewardsPerUser, at('maximumRewardsPerUser'), REWARDS_PER_USER_MAX);
  }
  const effect = reviewEffect(input, review);
  // With less than one pair of rewards the campaign could never pay: no part of a grant is given.
  if (effect?.kind === 'REFERRAL_REWARD' && budget > 0n && effect.referrerReward + effect.friendReward > budget) {
    review.refuse('OUT_OF_RANGE', ['budget', 'amount']);
  }

  if (review.refusals.length > 0 || !effect) return { ok: false, refusals: review.refusals };
  return {
    ok: true,
    draft: {
      name, currency: input.currency as CurrencyCode, startsAt, endsAt, budget, effect, minimumAmount, merchantIds,
      merchantCategoryCodes, firstPaymentOnly: conditions.firstPaymentOnly ?? false, maximumRewardsPerUser,
    },
  };
}
