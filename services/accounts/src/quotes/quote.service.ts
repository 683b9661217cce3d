import { type CurrencyCode, currencyCode } from '@tael/money';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { checkAmount } from '../amounts/amount.domain';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { pricePayment } from '../payments/payment.domain';
import type { PaymentWish } from '../payments/payment.service';
import { readPayments } from '../payments/payment-state.service';
import type { Viewer } from '../transactions/transaction.domain';
import { keepPromise } from './quote-promise.service';

/** What a payment would cost, as it was told to a person. */
export interface Quote {
  readonly id: string;
  readonly walletId: string;
  readonly merchantId: string;
  readonly merchantCategoryCode: string;
  readonly paymentOrdinal: number;
  readonly currency: CurrencyCode;
  readonly amount: bigint;
  readonly fee: bigint;
  readonly feeBeforeWaiver: bigint;
  readonly total: bigint;
  readonly validUntil: Date;
}

type Sealable = Omit<Quote, 'id'>;

/**
 * Quotes payments. A quote is stored nowhere: its id is the quote itself, sealed for the person who asked. It holds since
 * a fee schedule begins at least as long after it was entered as a quote is valid, and a quote never reaches beyond the
 * next schedule or the known end of its waiver. Of an offer that is stopped meanwhile the promise of its waiver is kept.
 */
export class QuoteService {
  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer }) {}

  async quote(payer: Viewer, wish: PaymentWish): Promise<Outcome<{ quote: Quote }>> {
    const amount = checkAmount(wish.amount);
    if (!amount.ok) return amount;
    const walletId = uuidOf(wish.walletId);
    const merchantId = uuidOf(wish.merchantId);
    if (!walletId) return refuse('NOT_FOUND', ['input', 'walletId']);
    if (!merchantId) return refuse('NOT_FOUND', ['input', 'merchantId']);
    const { currency } = wish.amount;
    const { personId } = payer;
    const { dataSource } = this.parts;
    const { states } = await readPayments(dataSource.manager, [{ ...payer, walletId, merchantId, amount: wish.amount }], { lock: false });
    const priced = pricePayment(states[0]!, wish.amount);
    if (!priced.ok) return priced;
    const { price } = priced;
    await keepPromise(dataSource, { personId, walletId, price });
    const quote: Sealable = {
      walletId, merchantId, merchantCategoryCode: price.merchant.categoryCode, paymentOrdinal: price.ordinal, currency,
      amount: price.amount, fee: price.fee, feeBeforeWaiver: price.feeBeforeWaiver, total: price.total, validUntil: price.validUntil,
    };
    return { ok: true, quote: { ...quote, id: this.parts.sealer.seal(encode(quote), owner(personId)) } };
  }

  /** Gives a quote back from its id, to the person to whom it was given. */
  open(personId: string, id: string): Quote | undefined {
    try {
      return { ...decode(this.parts.sealer.open(id, owner(personId))), id };
    } catch {
      // Not sealed by us, or for somebody else: no quote of this person's.
      return undefined;
    }
  }
}

const owner = (personId: string): string => `payment-quote/${personId}`;

function encode(quote: Sealable): string {
  return JSON.stringify(quote, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}

function decode(text: string): Sealable {
  const raw = JSON.parse(text) as { [Key in keyof Sealable]: string } & { paymentOrdinal: number };
  return {
    walletId: raw.walletId,
    merchantId: raw.merchantId,
    merchantCategoryCode: raw.merchantCategoryCode,
    paymentOrdinal: Number(raw.paymentOrdinal),
    currency: currencyCode(raw.currency),
    amount: BigInt(raw.amount),
    fee: BigInt(raw.fee),
    feeBeforeWaiver: BigInt(raw.feeBeforeWaiver),
    total: BigInt(raw.total),
    validUntil: new Date(raw.validUntil),
  };
}
