import type { Tx } from '@tael/platform/postgres';

/** What the gates ask about the campaign that an offer points at. */
export interface OfferFacts {
  /** Says whether the campaign acts at this instant. */
  acts(tx: Tx, campaignId: string, at: Date): Promise<boolean>;
}
