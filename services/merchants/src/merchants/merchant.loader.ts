import DataLoader from 'dataloader';
import type { Merchant, Viewer } from './merchant.domain';
import type { MerchantService } from './merchant.service';

export interface Loaders {
  /** By id; null for what does not exist and for what the viewer may not see. */
  readonly merchant: DataLoader<string, Merchant | null>;
}

/** Makes the loaders of one request: they remember nothing beyond it and see what its viewer may see. */
export function createLoaders(service: MerchantService, viewer: Viewer | null): Loaders {
  return {
    merchant: new DataLoader(async (ids) => {
      if (!viewer) return ids.map(() => null);
      const found = await service.findVisible(ids, viewer);
      return ids.map((id) => found.get(id.toLowerCase()) ?? null);
    }),
  };
}
