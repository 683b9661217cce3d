import type { Identity } from '@tael/platform/identity';
import DataLoader from 'dataloader';
import type { Partner } from './partner.domain';
import type { PartnerService } from './partner.service';

export interface PartnerLoaders {
  /** By id; null for what does not exist and for what the viewer may not see. */
  readonly partner: DataLoader<string, Partner | null>;
}

/** Makes the loaders of one request: operators see every partner, a bank itself, and nobody else any. */
export function createPartnerLoaders(service: PartnerService, { principal, partner }: Identity): PartnerLoaders {
  const viewer = { isOperator: principal?.roles.includes('OPERATOR') ?? false, partnerId: partner?.partnerId ?? null };
  return {
    partner: new DataLoader(async (ids) => {
      const found = await service.findVisible(ids, viewer);
      return ids.map((id) => found.get(id.toLowerCase()) ?? null);
    }),
  };
}
