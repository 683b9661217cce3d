import DataLoader from 'dataloader';
import type { __Entity__ } from './__entityFile__.domain';
import type { __Entity__Service } from './__entityFile__.service';

export interface Loaders {
  /** By id; null for what does not exist and for what is another's. */
  readonly __entity__: DataLoader<string, __Entity__ | null>;
}

/** Makes the loaders of one request: they remember nothing beyond it and see what its viewer may see. */
export function createLoaders(service: __Entity__Service, viewerId: string | null): Loaders {
  return {
    __entity__: new DataLoader(async (ids) => {
      if (!viewerId) return ids.map(() => null);
      const found = await service.findOwned(ids, viewerId);
      return ids.map((id) => found.get(id.toLowerCase()) ?? null);
    }),
  };
}
