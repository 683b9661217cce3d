import type { CurrencyCode } from '@tael/money';

/** What campaigns know of a payment; amounts are minor units of its currency. */
export interface PaymentFacts {
  readonly id: string;
  readonly personId: string;
  readonly walletId: string;
  readonly merchantId: string;
  readonly merchantCategoryCode: string;
  readonly currency: CurrencyCode;
  readonly amount: bigint;
  /** What was charged on top, after a waiver. */
  readonly fee: bigint;
  readonly feeBeforeWaiver: bigint;
  /** The campaign whose offer accounts spent on the fee. */
  readonly waiverCampaignId: string | null;
  readonly waived: bigint;
  /** 1 for the person's first payment ever. */
  readonly ordinal: number;
  readonly occurredAt: Date;
}
