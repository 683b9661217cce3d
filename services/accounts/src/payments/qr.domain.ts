import type { CurrencyCode, Money } from '@tael/money';
import { type Outcome, refuse } from '../outcomes/outcome.domain';

/** What a code says of the payment that it asks for. */
export interface AskedPayment {
  readonly currency: CurrencyCode;
  /** Always of a dynamic code; of a static one only where the shop put it there. */
  readonly amount: Money | undefined;
}

/** Decides what is paid by a code: its own amount, or the payer's where it has none. Who names both must name the same. */
export function decideQrAmount(code: AskedPayment, given: Money | undefined): Outcome<{ amount: Money }> {
  if (given && given.currency !== code.currency) return refuse('CURRENCY_MISMATCH', ['input', 'amount', 'currency'], 'QR_CODE');
  if (!code.amount) return given ? { ok: true, amount: given } : refuse('INVALID_INPUT', ['input', 'amount'], 'QR_AMOUNT_MISSING');
  if (given && given.minor !== code.amount.minor) return refuse('INVALID_INPUT', ['input', 'amount', 'amount'], 'QR_AMOUNT');
  return { ok: true, amount: code.amount };
}

/** A code for one payment as its merchant made it, under the lock of its row. */
export interface PaymentCode {
  readonly merchantId: string;
  readonly amount: Money;
  readonly expiresAt: Date;
  readonly isPaid: boolean;
}

/** Decides whether a code of one payment is good for this one. What somebody printed is worth nothing where the merchant made another. */
export function decidePaymentCode(
  code: PaymentCode | undefined, payment: { merchantId: string; amount: Money; at: Date },
): Outcome<object> {
  const field = ['input', 'payload'];
  if (!code) return refuse('NOT_FOUND', field, 'QR_CODE');
  const isThat = code.merchantId === payment.merchantId && code.amount.currency === payment.amount.currency && code.amount.minor === payment.amount.minor;
  if (!isThat) return refuse('INVALID_INPUT', field, 'QR_CODE');
  if (code.isPaid) return refuse('ALREADY_EXISTS', field, 'CODE_PAID');
  return payment.at < code.expiresAt ? { ok: true } : refuse('NOT_ALLOWED', field, 'CODE_EXPIRED');
}
