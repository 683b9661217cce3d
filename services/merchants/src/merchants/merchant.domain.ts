import { type CurrencyCode, isCurrencyCode } from '@tael/money';
import { isCategoryCode } from '../categories/category.domain';

export const MERCHANT_STATUSES = ['PENDING', 'ACTIVE', 'SUSPENDED'] as const;
export type MerchantStatus = (typeof MERCHANT_STATUSES)[number];

export const NAME_LENGTH_MAX = 120;

/** Who is asking: a signed-in person. */
export interface Viewer {
  readonly personId: string;
  readonly isOperator: boolean;
}

/** A merchant as the API shows it. */
export interface Merchant {
  readonly id: string;
  readonly name: string;
  readonly categoryCode: string;
  readonly category: string;
  readonly currency: string;
  readonly status: MerchantStatus;
}

export interface RegistrationCommand {
  readonly name: string;
  readonly categoryCode: string;
  readonly currency: string;
}

export interface RegistrationRefusal {
  readonly code: 'INVALID_INPUT';
  readonly reason: 'EMPTY' | 'TOO_LONG' | 'CHARACTERS' | 'CATEGORY_CODE' | 'UNKNOWN_CURRENCY';
  readonly field: readonly string[];
}

export interface RegistrationPlan {
  readonly name: string;
  readonly searchName: string;
  readonly categoryCode: string;
  readonly currency: CurrencyCode;
  readonly status: 'PENDING';
  /** Who acts for the merchant from the start: whoever registers their own business; nobody where an operator does. */
  readonly people: readonly string[];
}

export type RegistrationDecision =
  | { readonly ok: true; readonly plan: RegistrationPlan }
  | { readonly ok: false; readonly refusals: readonly RegistrationRefusal[] };

// Controls, lone surrogates, line and paragraph separators, and the marks that turn the direction of text: a name with
// one of them could not be stored, or would show as another name than it is.
const UNFIT = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/u;
const VISIBLE = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Says what is wrong with a name of a business, a store or a street. */
export function nameFault(name: string): 'EMPTY' | 'TOO_LONG' | 'CHARACTERS' | undefined {
  if (UNFIT.test(name)) return 'CHARACTERS';
  if (!VISIBLE.test(name)) return 'EMPTY';
  return Array.from(name).length > NAME_LENGTH_MAX ? 'TOO_LONG' : undefined;
}

/**
 * Decides a registration: everything at fault is refused at once, in the order of the input's fields.
 * @param known.category - whether the category code is on the list
 */
export function decideRegistration(
  command: RegistrationCommand,
  viewer: Viewer,
  known: { category: boolean },
): RegistrationDecision {
  const name = command.name.normalize('NFC').trim();
  const { categoryCode, currency } = command;
  const refusals: RegistrationRefusal[] = [];
  const refuse = (reason: RegistrationRefusal['reason'], field: string): void => {
    refusals.push({ code: 'INVALID_INPUT', reason, field: ['input', field] });
  };
  const fault = nameFault(name);
  if (fault) refuse(fault, 'name');
  if (!isCategoryCode(categoryCode) || !known.category) refuse('CATEGORY_CODE', 'categoryCode');
  if (!isCurrencyCode(currency)) refuse('UNKNOWN_CURRENCY', 'currency');
  if (refusals.length > 0 || !isCurrencyCode(currency)) return { ok: false, refusals };
  const people = viewer.isOperator ? [] : [viewer.personId];
  return { ok: true, plan: { name, searchName: searchable(name), categoryCode, currency, status: 'PENDING', people } };
}

/**
 * What an activation does to a merchant of this status. A suspended one is let back in; an active one stays as it is. Nobody lets in one
 * that they have a part in.
 */
export function decideActivation(status: MerchantStatus, isOwn: boolean): 'ACTIVATE' | 'UNCHANGED' | 'OWN_MERCHANT' {
  switch (status) {
    case 'PENDING':
    case 'SUSPENDED':
      return isOwn ? 'OWN_MERCHANT' : 'ACTIVATE';
    case 'ACTIVE':
      return 'UNCHANGED';
  }
}

/** What becomes of a merchant, and as what the trail tells it. */
export interface StatusChange {
  readonly status: MerchantStatus;
  readonly activatedAt: Date | null;
  readonly action: 'ACTIVATED' | 'RESUMED' | 'SUSPENDED';
  readonly needsReason: boolean;
}

/** By whom and why a business was approved. */
export interface Approval {
  readonly viewer: Viewer;
  readonly reason: string;
  readonly traceparent: string;
}

/** What a suspension does to a merchant of this status: one that waits is shut out, too, so that no approval lets it in by itself. */
export function decideSuspension(status: MerchantStatus): 'SUSPEND' | 'UNCHANGED' {
  return status === 'SUSPENDED' ? 'UNCHANGED' : 'SUSPEND';
}

/** Gives a text in the form in which names and searches are compared: compatibility forms and case folded. */
export function searchable(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** Says whether a name could contain the text at all; what it could not, the database might not even take. */
export function canBeInName(text: string): boolean {
  return !UNFIT.test(text);
}

/** Gives the LIKE pattern for "contains": the wildcards of the text stand for themselves. */
export function containsPattern(text: string): string {
  return `%${searchable(text).replace(/[\\%_]/g, '\\$&')}%`;
}
