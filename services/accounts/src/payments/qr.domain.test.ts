import { currencyCode } from '@tael/money';
import { decidePaymentCode, decideQrAmount, type PaymentCode } from './qr.domain';

const USD = currencyCode('USD');
const usd = (minor: bigint) => ({ minor, currency: USD });
const eur = (minor: bigint) => ({ minor, currency: currencyCode('EUR') });

it.each([
  ['a code without an amount and the payer\'s', undefined, usd(5n), 5n],
  ['a code without an amount, and nobody names one', undefined, undefined, 'INVALID_INPUT QR_AMOUNT_MISSING input.amount'],
  ['the code\'s', usd(7n), undefined, 7n],
  ['both the same', usd(7n), usd(7n), 7n],
  ['both, not the same', usd(7n), usd(8n), 'INVALID_INPUT QR_AMOUNT input.amount.amount'],
  ['another currency', undefined, eur(5n), 'CURRENCY_MISMATCH QR_CODE input.amount.currency'],
  ['another currency than the code\'s amount', usd(7n), eur(7n), 'CURRENCY_MISMATCH QR_CODE input.amount.currency'],
])('the amount of %s', (_what, amount, given, expected) => {
  const decided = decideQrAmount({ currency: USD, amount }, given);
  const told = decided.ok ? decided.amount.minor : decided.refusals.map(({ code, reason, field }) => `${code} ${reason} ${field!.join('.')}`).join();
  expect(told).toBe(expected);
});

const code: PaymentCode = { merchantId: 'm', amount: usd(7n), expiresAt: new Date(1_000), isPaid: false };
const payment = { merchantId: 'm', amount: usd(7n), at: new Date(999) };

it.each<[string, PaymentCode | undefined, Partial<typeof payment>, string]>([
  ['a good one', code, {}, 'OK'],
  ['one that has not come yet', undefined, {}, 'NOT_FOUND QR_CODE'],
  ['one of another merchant', code, { merchantId: 'other' }, 'INVALID_INPUT QR_CODE'],
  ['one of another amount', code, { amount: usd(6n) }, 'INVALID_INPUT QR_CODE'],
  ['one of another currency', code, { amount: eur(7n) }, 'INVALID_INPUT QR_CODE'],
  ['one that is paid', { ...code, isPaid: true }, {}, 'ALREADY_EXISTS CODE_PAID'],
  ['one as it ends', code, { at: new Date(1_000) }, 'NOT_ALLOWED CODE_EXPIRED'],
  ['one that was paid and has ended', { ...code, isPaid: true }, { at: new Date(2_000) }, 'ALREADY_EXISTS CODE_PAID'],
])('a code of one payment: %s', (_what, given, change, expected) => {
  const [refused, reason] = expected.split(' ');
  expect(decidePaymentCode(given, { ...payment, ...change }))
    .toEqual(expected === 'OK' ? { ok: true } : { ok: false, refusals: [{ code: refused, reason, field: ['input', 'payload'] }] });
});
