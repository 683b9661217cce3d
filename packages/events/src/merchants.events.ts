import { z } from 'zod';
import { categoryCode, currency, id, instant, sealed } from './fields';
import { defineEvent, TOPICS } from './define';

export const merchantChanged = defineEvent({
  type: 'merchant.changed',
  version: 1,
  topic: TOPICS.merchants,
  key: 'merchantId',
  describe: 'A merchant was registered, activated, suspended or changed: its whole present state. Name sealed for merchantId.',
  data: z.object({
    merchantId: id,
    /** Grows by one with every change: an older state never replaces a newer one. */
    version: z.int().positive(),
    name: sealed,
    categoryCode,
    currency,
    status: z.enum(['PENDING', 'ACTIVE', 'SUSPENDED']),
    /** People who may act for the merchant. */
    people: z.array(id),
    /** The merchant's rate, taken in settlement; the payer's fee is another. */
    feePlan: z.object({ id: z.string(), basisPoints: z.int().min(0).max(10_000) }),
    occurredAt: instant,
  }),
});
