import { formatAmount, isCurrencyCode, type Money, parseAmount } from '@tael/money';
import { Directive, Field, InputType, ObjectType } from 'type-graphql';
import { ForPartners } from './context';
import { CurrencyCodeScalar, Decimal } from './scalars';

@ObjectType('Money')
@Directive('@shareable')
@ForPartners()
export class MoneyType {
  @Field(() => Decimal)
  amount: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;
}

@InputType('MoneyInput')
export class MoneyInputType {
  @Field(() => Decimal)
  amount: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;
}

/** Writes an amount for the API. */
export function toMoneyType(money: Money): MoneyType {
  return { amount: formatAmount(money.minor, money.currency), currency: money.currency };
}

export type MoneyInputFault = { code: 'INVALID_INPUT'; reason: string; field: string[] };

/**
 * Reads an amount from the API: an active currency and a decimal that fits its digits; `path` is where it stands in the
 * input. Sign and size are the caller's rules (see {@link MoneyInputFault} for what is refused here).
 */
export function fromMoneyInput(
  input: { amount: string; currency: string },
  path: readonly string[],
): { ok: true; money: Money } | { ok: false; refusals: MoneyInputFault[] } {
  if (!isCurrencyCode(input.currency)) {
    return { ok: false, refusals: [{ code: 'INVALID_INPUT', reason: 'UNKNOWN_CURRENCY', field: [...path, 'currency'] }] };
  }
  const parsed = parseAmount(input.amount, input.currency);
  if (!parsed.ok) return { ok: false, refusals: [{ code: 'INVALID_INPUT', reason: parsed.fault, field: [...path, 'amount'] }] };
  return { ok: true, money: { minor: parsed.minor, currency: input.currency } };
}
