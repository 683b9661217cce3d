import type { SubgraphContext } from '@tael/graphql';
import type { Identity } from '@tael/platform/identity';
import { createDisputeDocumentLoaders, type DisputeDocumentLoaders } from './dispute-documents/dispute-document.loader';
import { createPeopleLoaders, type PeopleLoaders } from './people/people.loaders';
import { createSettlementLoaders, type SettlementLoaders } from './settlements/settlement.loaders';
import type { AccountsServices } from './services';
import { createTransactionLoaders, type TransactionLoaders } from './transactions/transaction.loader';

/** Batched reads of one request, as its viewer may see. */
export interface AccountsLoaders extends PeopleLoaders, TransactionLoaders, SettlementLoaders, DisputeDocumentLoaders {}

export type AccountsContext = SubgraphContext<AccountsLoaders>;

/** Makes the loaders of one request. */
export function createLoaders(services: AccountsServices, identity: Identity): AccountsLoaders {
  return {
    ...createPeopleLoaders(services, identity), ...createTransactionLoaders(services, identity), ...createSettlementLoaders(services, identity),
    ...createDisputeDocumentLoaders(services, identity),
  };
}
