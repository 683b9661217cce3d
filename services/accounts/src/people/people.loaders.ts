import type { Identity } from '@tael/platform/identity';
import DataLoader from 'dataloader';
import type { Balance } from '../ledger/ledger.service';
import type { PaymentMethod } from '../payment-methods/payment-method.service';
import type { AccountsServices } from '../services';
import type { WalletEntity } from '../wallets/wallet.entity';
import type { Person } from './person.service';

/** Batched reads around people. `null`: there is none, or it is not the viewer's, which look alike. */
export interface PeopleLoaders {
  readonly users: DataLoader<string, Person | null>;
  readonly ownWallets: DataLoader<string, WalletEntity | null>;
  readonly walletsOfPerson: DataLoader<string, WalletEntity[]>;
  readonly paymentMethodsOfPerson: DataLoader<string, PaymentMethod[]>;
  readonly balances: DataLoader<string, Balance>;
  readonly frozenSince: DataLoader<string, Date | null>;
  readonly owed: DataLoader<string, bigint>;
}

/**
 * Makes the loaders of one request. They batch and do not remember: of two mutations in one request the second changes
 * what the first has read.
 */
export function createPeopleLoaders(services: AccountsServices, identity: Identity): PeopleLoaders {
  const viewer = identity.principal?.personId;
  const options = { cache: false };
  return {
    users: new DataLoader(async (ids) => {
      const [self] = viewer && ids.includes(viewer) ? await services.people.byIds([viewer]) : [];
      return ids.map((id) => (self && id === self.id ? self : null));
    }, options),
    ownWallets: new DataLoader(async (ids) => {
      const own = viewer ? await services.wallets.ofPeople([viewer]) : [];
      return ids.map((id) => own.find((wallet) => wallet.id === id) ?? null);
    }, options),
    walletsOfPerson: new DataLoader(async (ids) => grouped(ids, await services.wallets.ofPeople(ids)), options),
    paymentMethodsOfPerson: new DataLoader(
      async (ids) => grouped(ids, await services.paymentMethods.ofPeople(ids)),
      options,
    ),
    balances: new DataLoader(async (ids) => {
      const balances = await services.wallets.balances(ids);
      return ids.map((id) => balances.get(id) ?? new Error(`wallet ${id} has no account`));
    }, options),
    frozenSince: new DataLoader(async (ids) => {
      const frozen = await services.walletFreezes.frozenSince(ids);
      return ids.map((id) => frozen.get(id) ?? null);
    }, options),
    owed: new DataLoader(async (ids) => {
      const owed = await services.debtViews.owedOf(ids);
      return ids.map((id) => owed.get(id) ?? 0n);
    }, options),
  };
}

function grouped<Row extends { personId: string }>(personIds: readonly string[], rows: readonly Row[]): Row[][] {
  return personIds.map((id) => rows.filter((row) => row.personId === id));
}
