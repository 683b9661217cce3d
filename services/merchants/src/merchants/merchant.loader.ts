import DataLoader from 'dataloader';
import type { PeopleService } from '../people/people.service';
import type { MerchantPerson } from '../people/role.domain';
import type { Store, StorePage, StoreService } from '../stores/store.service';
import type { Merchant, Viewer } from './merchant.domain';
import type { MerchantService } from './merchant.service';

export interface Loaders {
  /** By id; null for what does not exist and for what the viewer may not see. */
  readonly merchant: DataLoader<string, Merchant | null>;
  /** Who acts for a merchant, whoever asks. */
  readonly people: DataLoader<string, MerchantPerson[]>;
  /** A page of a merchant's stores. */
  readonly stores: DataLoader<StorePage, Store[]>;
}

export interface LoaderParts {
  readonly merchants: MerchantService;
  readonly people: PeopleService;
  readonly stores: StoreService;
}

/** Makes the loaders of one request: they remember nothing beyond it and see what its viewer may see. */
export function createLoaders({ merchants, people, stores }: LoaderParts, viewer: Viewer | null): Loaders {
  return {
    merchant: new DataLoader(async (ids) => {
      if (!viewer) return ids.map(() => null);
      const found = await merchants.findVisible(ids, viewer);
      return ids.map((id) => found.get(id.toLowerCase()) ?? null);
    }),
    people: new DataLoader(async (ids) => {
      const found = await people.peopleOf(ids);
      return ids.map((id) => found.get(id) ?? []);
    }),
    stores: new DataLoader((pages) => (viewer ? stores.pages(pages, viewer) : Promise.resolve(pages.map(() => []))), { cache: false }),
  };
}
