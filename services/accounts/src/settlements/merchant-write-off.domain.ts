import { type CurrencyCode, formatAmount, least } from '@tael/money';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { type MerchantPeople, ownMerchantDenial } from './settlement.domain';

/** What a merchant owes in a currency, under the lock of its settlements. */
export interface OwingSums {
  /** As its last batch left it. */
  readonly owed: bigint;
  /** What was written off of that and no batch has yet: it counts in `funds` already. */
  readonly writtenOff: bigint;
  /** What Tael holds of the merchant, unsettled, payable and held back, less what it owes: the measure of its refunds, too. */
  readonly funds: bigint;
}

const notNegative = (amount: bigint): bigint => (amount > 0n ? amount : 0n);

/**
 * Gives how much can be written off: of what the last batch left, what is not written off already and what Tael does not hold anyway, since
 * that pays it by itself. What went back since is owed with the next batch only.
 */
export const writableOf = ({ owed, writtenOff, funds }: OwingSums): bigint => notNegative(least(owed - writtenOff, -funds));

/** A merchant and what it owes, as who writes it off sees them. */
export interface OwingMerchant extends OwingSums {
  readonly people: Pick<MerchantPeople, 'people'>;
}

/** Says whether an operator may ask for a write-off of what a merchant owes, or approve it: of none that they have a part in, and of no more than can be. */
export function mayWriteOffOwed(
  merchant: OwingMerchant | undefined, { amount, currency }: { amount: bigint; currency: CurrencyCode }, operatorId: string,
): Outcome<object> {
  const field = ['input', 'merchantId'];
  if (!merchant) return refuse('NOT_FOUND', field);
  const own = ownMerchantDenial(merchant.people, { personId: operatorId });
  if (own) return refuse('NOT_ALLOWED', field, own);
  if (amount <= 0n) return refuse('INVALID_INPUT', ['input', 'amount', 'amount'], 'NOT_POSITIVE');
  if (merchant.owed <= merchant.writtenOff) return refuse('NOT_ALLOWED', field, 'NOTHING_OWED');
  const writable = writableOf(merchant);
  if (amount <= writable) return { ok: true };
  const amounts = [{ amount: formatAmount(writable, currency), currency }];
  return { ok: false, refusals: [{ code: 'NOT_ALLOWED', reason: 'OWED_LESS', field: ['input', 'amount'], amounts }] };
}
