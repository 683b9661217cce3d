import type { Money } from '@tael/money';
import { type Outcome, type Refusal, refuse } from '../outcomes/outcome.domain';
import { IBAN_LENGTHS } from './iban-lengths.domain';

export interface BankAccountCommand {
  readonly iban: string;
  readonly holderName: string;
}

/** A bank account whose number is one. */
export interface CheckedBankAccount extends BankAccountCommand {
  readonly last4: string;
}

const HOLDER_MAX = 100;

/**
 * Says whether a text is an IBAN, written without spaces: a known country, its length, and check digits that fit the rest
 * (ISO 13616, MOD 97-10 of ISO 7064). 00, 01 and 99 also give the remainder of 97, 98 and 02, and are no check digits.
 */
export function isIban(iban: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]+$/.test(iban) || iban.length !== IBAN_LENGTHS[iban.slice(0, 2)]) return false;
  if (['00', '01', '99'].includes(iban.slice(2, 4))) return false;
  const digits = [...`${iban.slice(4)}${iban.slice(0, 4)}`].map((sign) => String(parseInt(sign, 36))).join('');
  return BigInt(digits) % 97n === 1n;
}

/** Says whether a bank account can be asked of the bank; names every field at fault, and repeats nothing of it. */
export function checkBankAccount(command: BankAccountCommand): Outcome<{ account: CheckedBankAccount }> {
  const iban = command.iban.length <= 64 ? command.iban.replace(/ /g, '').toUpperCase() : '';
  const holderName = command.holderName.normalize('NFC').trim();
  const refusals = [...(isIban(iban) ? [] : [invalid('iban', 'IBAN')]), ...holderRefusals(holderName)];
  return refusals.length > 0 ? { ok: false, refusals } : { ok: true, account: { iban, holderName, last4: iban.slice(-4) } };
}

function holderRefusals(name: string): Refusal[] {
  if (name === '') return [invalid('holderName', 'EMPTY')];
  if ([...name].length > HOLDER_MAX) return [invalid('holderName', 'TOO_LONG')];
  return /[\p{Cc}\p{Cs}]/u.test(name) ? [invalid('holderName')] : [];
}

const invalid = (field: string, reason?: string): Refusal => ({
  code: 'INVALID_INPUT', ...(reason ? { reason } : {}), field: ['input', field],
});

/** PENDING_VERIFICATION: its two small deposits are not named yet. REJECTED: they were named wrongly too often. */
export type PaymentMethodStatus = 'PENDING_VERIFICATION' | 'ACTIVE' | 'REJECTED';

/** So often somebody may say what the two small deposits were. */
export const CONFIRMATIONS_MAX = 3;

/** So many accounts somebody adds within a day, and so many wait at once for their deposits to be named. */
export const ACCOUNTS_A_DAY = 10;
export const ACCOUNTS_WAITING_MAX = 5;
/** So often a day the bank is asked for somebody at all: it also says which numbers it does not know. */
export const MANDATES_A_DAY = 30;

/** Refuses one account more than somebody may add in a day, or have wait. Each asks the bank, and may cost two deposits. */
export function mayAdd({ ofDay, waiting }: { ofDay: number; waiting: number }): Outcome<object> {
  if (ofDay >= ACCOUNTS_A_DAY) return refuse('LIMIT_EXCEEDED', ['input', 'iban'], 'BANK_ACCOUNTS_A_DAY');
  return waiting >= ACCOUNTS_WAITING_MAX ? refuse('LIMIT_EXCEEDED', ['input', 'iban'], 'BANK_ACCOUNTS_WAITING') : { ok: true };
}

/** Says whether two amounts can be what somebody was sent to prove an account: both of one currency, and more than nothing. */
export function checkDeposits(amounts: readonly Money[]): Outcome<{ deposits: readonly [Money, Money] }> {
  const field = ['input', 'amounts'];
  const [first, second] = amounts;
  if (!first || !second || amounts.length !== 2) return refuse('INVALID_INPUT', field, 'TWO_AMOUNTS');
  if (first.currency !== second.currency) return refuse('INVALID_INPUT', field);
  if (first.minor <= 0n || second.minor <= 0n) return refuse('INVALID_INPUT', field, 'NOT_POSITIVE');
  return { ok: true, deposits: [first, second] };
}

/** Says whether money may move through a payment method, and through one of a kind where a kind is needed. */
export function usable(
  method: { readonly kind: string; readonly status: PaymentMethodStatus } | undefined, kind?: 'BANK_ACCOUNT',
): Outcome<object> {
  const field = ['input', 'paymentMethodId'];
  if (!method) return refuse('NOT_FOUND', field);
  if (kind && method.kind !== kind) return refuse('INVALID_INPUT', field, 'NOT_A_BANK_ACCOUNT');
  return method.status === 'ACTIVE' ? { ok: true } : refuse('NOT_ALLOWED', field, 'NOT_VERIFIED');
}
