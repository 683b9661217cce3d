import { readFileSync } from 'node:fs';

const { kinds } = JSON.parse(readFileSync(new URL('mobile-money-mix.json', import.meta.url), 'utf8'));

/** What a median payment of the data is worth here, in cents; the other kinds keep their proportion to it. */
const MEDIAN_PAYMENT = 950;
/** Amounts end where a payment would need a second factor, so that each of them is an ordinary one. */
const AMOUNT_MAX = 50_000;
/** Nor so small that nothing is given back for it. */
const AMOUNT_MIN = 50;

/**
 * Operations for each payment. A debit is a payment.
 */
export const PER_PAYMENT = {
  topUp: kinds.topUp.share / (kinds.payMerchant.share + kinds.debit.share),
  transfer: kinds.sendMoney.share / (kinds.payMerchant.share + kinds.debit.share),
  withdrawal: kinds.withdraw.share / (kinds.payMerchant.share + kinds.debit.share),
};

/** A number of the standard normal distribution (Box and Muller). */
function normal() {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

/**
 * Gives a random amount with the spread of a kind, as a decimal.
 * @param {'payMerchant' | 'topUp' | 'sendMoney' | 'withdraw'} kind
 */
export function amountOf(kind) {
  const { median, lognormalSigma } = kinds[kind].amount;
  const cents = (median / kinds.payMerchant.amount.median) * MEDIAN_PAYMENT * Math.exp(lognormalSigma * normal());
  const bounded = Math.min(AMOUNT_MAX, Math.max(AMOUNT_MIN, Math.round(cents)));
  return { amount: (bounded / 100).toFixed(2), currency: 'USD' };
}
