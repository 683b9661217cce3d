import DataLoader from 'dataloader';
import type { DataSource } from 'typeorm';
import type { PartnerSubgraphEntity } from './partner-subgraph.entity';
import { subgraphsOf } from './partner-subgraph.list';

export interface SubgraphLoaders {
  /** The newest publications of a bank. Who may see the bank may see them. */
  readonly partnerSubgraphs: DataLoader<string, PartnerSubgraphEntity[]>;
}

export function createSubgraphLoaders(dataSource: DataSource): SubgraphLoaders {
  return {
    partnerSubgraphs: new DataLoader(async (ids) => {
      const found = await subgraphsOf(dataSource.manager, ids);
      return ids.map((id) => found.get(id) ?? []);
    }),
  };
}
