import DataLoader from 'dataloader';
import type { Viewer } from '../merchants/merchant.domain';
import type { MerchantDocument } from './document.service';
import type { OnboardingServices } from './onboarding.parts';
import type { Verification } from './verification.service';

export interface OnboardingLoaders {
  /** The documents of an application, whoever asks: an application stands in an answer only for who may see it. */
  readonly documents: DataLoader<string, readonly MerchantDocument[]>;
  /** How far a merchant is with its verification; null for whoever is not told. */
  readonly verification: DataLoader<string, Verification | null>;
}

/** Makes the loaders of one request. They batch and do not remember: a mutation changes what was read before it. */
export function createOnboardingLoaders({ documents, verifications }: OnboardingServices, viewer: Viewer | null): OnboardingLoaders {
  return {
    documents: new DataLoader(async (ids) => {
      const found = await documents.ofApplications(ids);
      return ids.map((id) => found.get(id) ?? []);
    }, { cache: false }),
    verification: new DataLoader(async (ids) => {
      if (!viewer) return ids.map(() => null);
      const found = await verifications.of(ids, viewer);
      return ids.map((id) => found.get(id) ?? null);
    }, { cache: false }),
  };
}
