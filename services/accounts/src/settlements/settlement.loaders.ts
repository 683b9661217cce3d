import type { Identity } from '@tael/platform/identity';
import DataLoader from 'dataloader';
import { viewerOf } from '../callers';
import type { PayoutAccount } from '../payouts/payout-account.service';
import type { PayoutHold } from '../payouts/payout.domain';
import type { Resumable } from '../payouts/payout-resumption.service';
import type { SettlementServices } from './settlement.parts';

/** Batched reads around settlement, as the viewer may see it. */
export interface SettlementLoaders {
  /** Says of a merchant whether the viewer sees its settlements. */
  readonly settledMerchants: DataLoader<string, boolean>;
  /** The payout account of a merchant; whoever asks has asked `settledMerchants` first. */
  readonly payoutAccounts: DataLoader<string, PayoutAccount | undefined>;
  /** What holds the payouts of a merchant; whoever asks has asked `settledMerchants` first. */
  readonly payoutHolds: DataLoader<string, PayoutHold | undefined>;
  /** What its owner names to let payouts go on to an account that is held; whoever asks has asked `settledMerchants` first. */
  readonly resumablePayouts: DataLoader<string, Resumable | undefined>;
}

/** Makes the loaders of one request. They batch and do not remember: a mutation changes what was read before it. */
export function createSettlementLoaders(services: SettlementServices, identity: Identity): SettlementLoaders {
  const viewer = viewerOf(identity);
  const options = { cache: false };
  return {
    settledMerchants: new DataLoader(async (ids) => {
      const seen = viewer ? await services.settlementViews.seen(ids, viewer) : new Set<string>();
      return ids.map((id) => seen.has(id.toLowerCase()));
    }, options),
    payoutAccounts: new DataLoader(async (ids) => {
      const accounts = await services.payoutAccounts.current(ids);
      return ids.map((id) => accounts.get(id.toLowerCase()));
    }, options),
    resumablePayouts: new DataLoader(async (ids) => {
      const found = await services.payoutResumptions.resumable(ids);
      return ids.map((id) => found.get(id.toLowerCase()));
    }, options),
    payoutHolds: new DataLoader(async (ids) => {
      const holds = await services.payoutHolds.of(ids);
      return ids.map((id) => holds.get(id.toLowerCase()));
    }, options),
  };
}
