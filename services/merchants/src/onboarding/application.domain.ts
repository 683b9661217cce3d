import { isCurrencyCode } from '@tael/money';
import { type TextFault, textFault } from '@tael/platform/text';
import { isCategoryCode } from '../categories/category.domain';
import { nameFault } from '../merchants/merchant.domain';
import { isCountry } from '../stores/store.domain';

export const APPLICATION_STATUSES = ['DRAFT', 'SUBMITTED', 'IN_REVIEW', 'NEEDS_MORE', 'APPROVED', 'REJECTED', 'WITHDRAWN'] as const;
export type ApplicationStatus = (typeof APPLICATION_STATUSES)[number];

/** Those that wait for somebody: a person has five of them at most, a merchant one. */
export const OPEN_STATUSES: readonly ApplicationStatus[] = ['DRAFT', 'SUBMITTED', 'IN_REVIEW', 'NEEDS_MORE'];

/** What an applicant does, and what an operator does. */
export const STEPS = ['EDIT', 'SUBMIT', 'WITHDRAW', 'TAKE', 'RELEASE', 'ASK_MORE', 'APPROVE', 'REJECT'] as const;
export type Step = (typeof STEPS)[number];

const NEXT: Readonly<Record<ApplicationStatus, Partial<Readonly<Record<Step, ApplicationStatus>>>>> = {
  DRAFT: { EDIT: 'DRAFT', SUBMIT: 'SUBMITTED', WITHDRAW: 'WITHDRAWN' },
  SUBMITTED: { SUBMIT: 'SUBMITTED', TAKE: 'IN_REVIEW', WITHDRAW: 'WITHDRAWN' },
  IN_REVIEW: {
    TAKE: 'IN_REVIEW', RELEASE: 'SUBMITTED', ASK_MORE: 'NEEDS_MORE', APPROVE: 'APPROVED', REJECT: 'REJECTED', WITHDRAW: 'WITHDRAWN',
  },
  NEEDS_MORE: { EDIT: 'NEEDS_MORE', SUBMIT: 'SUBMITTED', WITHDRAW: 'WITHDRAWN' },
  APPROVED: { APPROVE: 'APPROVED' },
  REJECTED: { REJECT: 'REJECTED' },
  WITHDRAWN: { WITHDRAW: 'WITHDRAWN' },
};

/** Gives the state after a step: the same where the step was done before, undefined where it cannot be done from here. */
export function stepFrom(status: ApplicationStatus, step: Step): ApplicationStatus | undefined {
  return NEXT[status][step];
}

/** What is the applicant's to do; everything else is an operator's. */
export const isApplicantStep = (step: Step): boolean => step === 'EDIT' || step === 'SUBMIT' || step === 'WITHDRAW';

export interface ApplicationRefusal {
  readonly code: 'INVALID_INPUT' | 'NOT_FOUND' | 'NOT_ALLOWED' | 'ALREADY_EXISTS' | 'LIMIT_EXCEEDED';
  readonly reason?: string;
  readonly field: readonly string[];
}

/** Who wants to take a step with an application, and what stands there. */
export interface Stepping {
  readonly status: ApplicationStatus;
  readonly applicantId: string;
  readonly reviewerId: string | null;
}

const FIELD = ['input', 'applicationId'];

/**
 * Decides a step: for whoever may not know of the application it does not exist. Operators never review their own, and what
 * one of them has taken no other decides.
 */
export function decideStep(
  application: Stepping | undefined, step: Step, viewer: { personId: string; isOperator: boolean },
): { readonly ok: true; readonly next: ApplicationStatus; readonly repeated: boolean } | { readonly ok: false; readonly refusal: ApplicationRefusal } {
  const refuse = (code: ApplicationRefusal['code'], reason?: string) =>
    ({ ok: false, refusal: { code, ...(reason ? { reason } : {}), field: FIELD } }) as const;
  const owns = application?.applicantId === viewer.personId;
  if (!application || !(owns || viewer.isOperator)) return refuse('NOT_FOUND');
  if (isApplicantStep(step) && !owns) return refuse('NOT_ALLOWED');
  if (!isApplicantStep(step) && owns) return refuse('NOT_ALLOWED', 'OWN_APPLICATION');
  const next = stepFrom(application.status, step);
  if (next === undefined) return refuse('NOT_ALLOWED', 'APPLICATION_STATUS');
  // Anybody may give back what lies with a colleague who is away; to decide it, take it first.
  const reviewed = !isApplicantStep(step) && step !== 'RELEASE' && application.status !== 'SUBMITTED';
  if (reviewed && application.reviewerId !== viewer.personId) return refuse('NOT_ALLOWED', 'APPLICATION_TAKEN');
  return { ok: true, next, repeated: next === application.status && step !== 'EDIT' };
}

/** A person who owns a part of the business. */
export interface Owner {
  readonly name: string;
  /** In whole percent. */
  readonly share: number;
}

/** What an applicant says about the business; sealed at rest but for category, country and currency. */
export interface BusinessDetails {
  readonly legalName: string;
  readonly tradingName: string;
  readonly categoryCode: string;
  readonly country: string;
  readonly currency: string;
  readonly registrationNumber: string;
  readonly owners: readonly Owner[];
}

export const OWNERS_MAX = 10;
const REGISTRATION_NUMBER = /^[\p{L}\p{N}][\p{L}\p{N} ./-]{0,49}$/u;
const tidy = (text: string): string => text.normalize('NFC').trim();

/** Reads what an applicant says: everything at fault at once, each with its field. */
export function readDetails(
  given: BusinessDetails, known: { category: boolean },
): { readonly ok: true; readonly details: BusinessDetails } | { readonly ok: false; readonly refusals: readonly ApplicationRefusal[] } {
  const owners = given.owners.map(({ name, share }) => ({ name: tidy(name), share }));
  const details = {
    ...given, legalName: tidy(given.legalName), tradingName: tidy(given.tradingName), registrationNumber: tidy(given.registrationNumber), owners,
  };
  const faults: (readonly [string | undefined, ...string[]])[] = [
    [nameFault(details.legalName), 'legalName'],
    [nameFault(details.tradingName), 'tradingName'],
    [isCategoryCode(details.categoryCode) && known.category ? undefined : 'CATEGORY_CODE', 'categoryCode'],
    [isCountry(details.country) ? undefined : 'COUNTRY', 'country'],
    [isCurrencyCode(details.currency) ? undefined : 'UNKNOWN_CURRENCY', 'currency'],
    [registrationFault(details.registrationNumber), 'registrationNumber'],
    [ownersFault(owners), 'owners'],
    ...owners.flatMap(({ name, share }, index) => [
      [nameFault(name), 'owners', String(index), 'name'] as const,
      [Number.isInteger(share) && share >= 1 && share <= 100 ? undefined : 'OUT_OF_RANGE', 'owners', String(index), 'share'] as const,
    ]),
  ];
  const refusals = faults.flatMap(([reason, ...path]) =>
    reason ? [{ code: 'INVALID_INPUT' as const, reason, field: ['input', 'business', ...path] }] : []);
  return refusals.length > 0 ? { ok: false, refusals } : { ok: true, details };
}

function registrationFault(number: string): string | undefined {
  if (number === '') return 'EMPTY';
  if (Array.from(number).length > 50) return 'TOO_LONG';
  return REGISTRATION_NUMBER.test(number) ? undefined : 'CHARACTERS';
}

function ownersFault(owners: readonly Owner[]): string | undefined {
  if (owners.length === 0) return 'EMPTY';
  if (owners.length > OWNERS_MAX) return 'TOO_MANY';
  return owners.reduce((sum, { share }) => sum + share, 0) > 100 ? 'OUT_OF_RANGE' : undefined;
}

export const MESSAGE_LENGTH_MAX = 1_000;

/** Says what is wrong with a text that the applicant will read. */
export function messageFault(text: string): TextFault | undefined {
  return textFault(text, MESSAGE_LENGTH_MAX);
}
