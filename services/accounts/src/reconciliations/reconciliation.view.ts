import { toMoneyType } from '@tael/graphql';
import { type CurrencyCode, isCurrencyCode } from '@tael/money';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { signed } from './bank-file.domain';
import type { Reconciliation } from './reconciliation.service';
import type { ReconciliationType } from './reconciliation.type';

/** Reads the currency and the balances that an operator gives of a file. */
export function balancesOf(
  { currency, openingBalance, closingBalance }: { currency: string; openingBalance: string; closingBalance: string },
): Outcome<{ balances: { currency: CurrencyCode; opening: bigint; closing: bigint } }> {
  if (!isCurrencyCode(currency)) return refuse('INVALID_INPUT', ['input', 'currency'], 'UNKNOWN_CURRENCY');
  const [opening, closing] = [signed(openingBalance, currency), signed(closingBalance, currency)];
  if (opening === undefined) return refuse('INVALID_INPUT', ['input', 'openingBalance'], 'NOT_A_DECIMAL');
  if (closing === undefined) return refuse('INVALID_INPUT', ['input', 'closingBalance'], 'NOT_A_DECIMAL');
  return { ok: true, balances: { currency, opening, closing } };
}

/** A comparison as operators see it. */
export function reconciliationView(found: Reconciliation): ReconciliationType {
  const money = (minor: bigint) => toMoneyType({ minor, currency: found.currency });
  const { id, currency, digest, uploadedBy, createdAt } = found;
  return {
    id, currency, digest, uploadedBy, createdAt, from: dayOf(found.periodFrom), to: dayOf(found.periodTo),
    bankOpening: money(found.bankOpening), bankClosing: money(found.bankClosing), booksOpening: money(found.booksOpening), booksClosing: money(found.booksClosing),
  };
}

/** A day as the database gives it: a text or, by the driver, an instant at its beginning. */
function dayOf(day: string | Date): string {
  if (typeof day === 'string') return day.slice(0, 10);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
