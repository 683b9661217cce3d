import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql';
import { ForPartners } from './context';
import { showToPartners } from './partner-marks';
import { userErrorText } from './user-error.texts';

export enum UserErrorCode {
  INVALID_INPUT = 'INVALID_INPUT',
  NOT_FOUND = 'NOT_FOUND',
  NOT_ALLOWED = 'NOT_ALLOWED',
  EMAIL_TAKEN = 'EMAIL_TAKEN',
  WRONG_CREDENTIALS = 'WRONG_CREDENTIALS',
  SESSION_EXPIRED = 'SESSION_EXPIRED',
  INSUFFICIENT_FUNDS = 'INSUFFICIENT_FUNDS',
  CURRENCY_MISMATCH = 'CURRENCY_MISMATCH',
  LIMIT_EXCEEDED = 'LIMIT_EXCEEDED',
  IDEMPOTENCY_KEY_REUSED = 'IDEMPOTENCY_KEY_REUSED',
  CARD_DECLINED = 'CARD_DECLINED',
  MERCHANT_NOT_ACTIVE = 'MERCHANT_NOT_ACTIVE',
  REFUND_EXCEEDS_PAYMENT = 'REFUND_EXCEEDS_PAYMENT',
  ALREADY_EXISTS = 'ALREADY_EXISTS',
  WRONG_CODE = 'WRONG_CODE',
  STEP_UP_REQUIRED = 'STEP_UP_REQUIRED',
  WALLET_FROZEN = 'WALLET_FROZEN',
}

registerEnumType(UserErrorCode, { name: 'UserErrorCode' });
showToPartners('UserErrorCode');

@ObjectType('UserError', {
  description:
    'An expected refusal, on the payload of the mutation that was refused; then no money moved and nothing was changed ' +
    '(a declined charge is kept as a FAILED transaction). `field` is the path of the input field at fault. `code` is stable, ' +
    '`message` is for a person and localised.',
})
@Directive('@shareable')
@ForPartners()
export class UserErrorType {
  @Field(() => UserErrorCode)
  code: UserErrorCode;

  @Field(() => String)
  message: string;

  @Field(() => [String], { nullable: true })
  field?: string[] | undefined;
}

/** A refusal as rules and services give it. `reason` narrows the message, not the code. */
export interface Refusal {
  readonly code: keyof typeof UserErrorCode;
  readonly reason?: string | undefined;
  /** Path of the input field at fault, e.g. ['input', 'amount', 'amount']. */
  readonly field?: readonly string[] | undefined;
  /** Sums that the text names, as decimals. */
  readonly amounts?: readonly { readonly amount: string; readonly currency: string }[] | undefined;
}

/** Writes refusals for the API, each with a text in the language of the request. */
export function toUserErrors(refusals: readonly Refusal[], locale: string): UserErrorType[] {
  return refusals.map((refusal) => ({
    code: UserErrorCode[refusal.code],
    message: userErrorText(refusal, locale),
    field: refusal.field ? [...refusal.field] : undefined,
  }));
}
