import { v5 as uuidv5 } from 'uuid';
import type { BenefitKind, BenefitSide } from './benefit.domain';

// Ids that follow from what they stand for: a replay, or a payment that is told twice, makes the very same one.
const NAMESPACE = '7d1f2f0e-52a1-5e53-8f6b-3b6a1c9d4e20';

export const benefitId = (benefit: { campaignId: string; paymentId: string; kind: BenefitKind; side: BenefitSide }): string =>
  uuidv5(`benefit/${benefit.campaignId}/${benefit.paymentId}/${benefit.kind}/${benefit.side}`, NAMESPACE);

export const reversalId = (id: string, refundTransactionId: string): string =>
  uuidv5(`reversal/${id}/${refundTransactionId}`, NAMESPACE);

export const feeWaiverId = (campaignId: string, personId: string): string =>
  uuidv5(`fee-waiver/${campaignId}/${personId}`, NAMESPACE);
