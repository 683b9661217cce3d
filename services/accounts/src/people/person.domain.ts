import { type CurrencyCode, isCurrencyCode } from '@tael/money';
import type { Outcome, Refusal } from '../outcomes/outcome.domain';
import { normalisePassword, passwordRefusals } from './password.domain';

/** What somebody who signs up says, as it arrives. */
export interface SignUpCommand {
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
  readonly currency: string;
  readonly locale?: string | null | undefined;
  readonly timeZone?: string | null | undefined;
  readonly referralCode?: string | null | undefined;
  readonly acquisition?: { readonly channel: string; readonly campaign?: string | null | undefined } | null | undefined;
}

/** A sign-up whose every field can be used, in the form in which it is kept. */
export interface SignUp {
  readonly email: string;
  readonly password: string;
  readonly displayName: string;
  readonly currency: CurrencyCode;
  readonly locale: string;
  readonly timeZone: string;
  readonly referralCode: string | null;
  readonly channel: string | null;
  readonly campaign: string | null;
}

const EMAIL_MAX = 254;
const LOCAL_PART_MAX = 64;
const NAME_MAX = 80;
const LOCALE_MAX = 35;
const ZONE_MAX = 64;

const EMAIL = /^[^\s@<>"(),:;\\[\]\p{C}]+@[^\s@<>"(),:;\\[\]\p{C}.]+(\.[^\s@<>"(),:;\\[\]\p{C}.]+)+$/u;
// Line breaks and marks that turn the direction of text: a name must not rewrite the sentence that it stands in. Halves of
// a character (lone surrogates) are no text: UTF-8 cannot hold them.
const UNFIT_FOR_A_NAME = /[\p{Cc}\p{Cs}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;
const LABEL = /^[\p{L}\p{N}][\p{L}\p{N} ._:/-]{0,63}$/u;

/** Gives the length that a person counts: characters, not UTF-16 units. */
const lengthOf = (text: string): number => [...text].length;

/** Gives the form of a mail address under which it is looked up: people type capitals and blanks as it happens. */
export function normaliseEmail(email: string): string {
  return email.normalize('NFC').trim().toLowerCase();
}

/** Says whether a text has the form of a mail address; whether somebody reads it, nobody can tell from here. */
export function isEmail(email: string): boolean {
  return email.length <= EMAIL_MAX && email.indexOf('@') <= LOCAL_PART_MAX && EMAIL.test(email);
}

/** Gives the canonical form of a BCP 47 tag, or null where it is none. */
export function canonicalLocale(tag: string): string | null {
  if (tag.length > LOCALE_MAX) return null;
  try {
    return new Intl.Locale(tag).toString();
  } catch {
    return null;
  }
}

/** Gives an IANA zone in its usual spelling, or null where it is none. Offsets such as +02:00 are none. */
export function canonicalTimeZone(zone: string): string | null {
  if (zone.length > ZONE_MAX || !/^[A-Za-z]/.test(zone)) return null;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions();
    // Intl may answer with an older alias of the zone; then the name that the person gave is the better one.
    return timeZone.toLowerCase() === zone.toLowerCase() ? timeZone : zone;
  } catch {
    return null;
  }
}

function nameRefusals(name: string): Refusal[] {
  if (name === '') return [invalid('displayName', 'EMPTY')];
  if (lengthOf(name) > NAME_MAX) return [invalid('displayName', 'TOO_LONG')];
  return UNFIT_FOR_A_NAME.test(name) ? [invalid('displayName')] : [];
}

function acquisitionRefusals({ acquisition }: SignUpCommand): Refusal[] {
  if (!acquisition) return [];
  const labels = Object.entries({ channel: acquisition.channel, campaign: acquisition.campaign ?? null });
  return labels
    .filter(([, label]) => label !== null && !LABEL.test(label))
    .map(([name]) => ({ code: 'INVALID_INPUT' as const, field: ['input', 'acquisition', name] }));
}

const invalid = (field: string, reason?: string): Refusal => ({
  code: 'INVALID_INPUT',
  ...(reason ? { reason } : {}),
  field: ['input', field],
});

/** Says whether somebody may sign up with this, apart from what only the database knows; names every field at fault. */
export function checkSignUp(command: SignUpCommand): Outcome<{ signUp: SignUp }> {
  const email = command.email.normalize('NFC').trim();
  const displayName = command.displayName.normalize('NFC').trim();
  const password = normalisePassword(command.password);
  const locale = canonicalLocale(command.locale ?? 'en');
  const timeZone = canonicalTimeZone(command.timeZone ?? 'UTC');
  const { currency } = command;
  const refusals = [
    ...(isEmail(email) ? [] : [invalid('email', 'EMAIL')]),
    ...passwordRefusals(password),
    ...nameRefusals(displayName),
    ...(isCurrencyCode(currency) ? [] : [invalid('currency', 'UNKNOWN_CURRENCY')]),
    ...(locale ? [] : [invalid('locale', 'LOCALE')]),
    ...(timeZone ? [] : [invalid('timeZone', 'TIME_ZONE')]),
    ...acquisitionRefusals(command),
  ];
  if (refusals.length > 0 || !isCurrencyCode(currency) || !locale || !timeZone) return { ok: false, refusals };
  const { referralCode, acquisition } = command;
  return {
    ok: true,
    signUp: {
      email,
      password,
      displayName,
      currency,
      locale,
      timeZone,
      referralCode: referralCode ?? null,
      channel: acquisition?.channel ?? null,
      campaign: acquisition?.campaign ?? null,
    },
  };
}
