import { toMoneyType } from '@tael/graphql';
import type { Quote } from './quote.service';
import type { PaymentQuoteType } from './quote.type';

/** Writes a quote for the API. */
export function toQuoteType(quote: Quote): PaymentQuoteType {
  const money = (minor: bigint) => toMoneyType({ minor, currency: quote.currency });
  return {
    id: quote.id,
    amount: money(quote.amount),
    fee: money(quote.fee),
    feeBeforeWaiver: money(quote.feeBeforeWaiver),
    total: money(quote.total),
    validUntil: quote.validUntil,
    walletId: quote.walletId,
    merchantId: quote.merchantId,
    merchantCategoryCode: quote.merchantCategoryCode,
    paymentOrdinal: quote.paymentOrdinal,
  };
}
