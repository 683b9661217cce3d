import type { Identity } from '@tael/platform/identity';
import DataLoader from 'dataloader';
import { viewerOf } from '../callers';
import type { Dispute } from '../disputes/dispute.rows.service';
import type { RefundPerson } from '../refunds/refund-person.service';
import type { Quote } from '../quotes/quote.service';
import type { AccountsServices } from '../services';
import type { TransactionView } from './transaction.domain';

/** Batched reads around transactions, as the viewer may see them; without a viewer there is nothing to see. */
export interface TransactionLoaders {
  readonly transactions: DataLoader<string, TransactionView | undefined>;
  /** Names of people on the other side of a transfer that the viewer sees. */
  readonly displayNames: DataLoader<string, string | undefined>;
  /** The newest dispute of a payment, where the viewer may see it. */
  readonly disputes: DataLoader<string, Dispute | undefined>;
  /** Who of a merchant's people gave a payment back, where the viewer may know. */
  readonly refundPeople: DataLoader<string, RefundPerson | undefined>;
  /** Opens a quote that was given to the viewer: it needs no store. */
  readonly quoteOf: (id: string) => Quote | undefined;
}

/** Makes the loaders of one request. They batch and do not remember: a mutation changes what was read before it. */
export function createTransactionLoaders(services: AccountsServices, identity: Identity): TransactionLoaders {
  const viewer = viewerOf(identity);
  const options = { cache: false };
  return {
    transactions: new DataLoader(async (ids) => {
      const views = viewer ? await services.transactions.views(ids, viewer) : new Map<string, TransactionView>();
      return ids.map((id) => views.get(id.toLowerCase()));
    }, options),
    displayNames: new DataLoader(async (ids) => {
      const names = await services.transactions.displayNames(ids);
      return ids.map((id) => names.get(id));
    }, options),
    disputes: new DataLoader(async (ids) => {
      const found = viewer ? await services.disputes.reader.ofPayments(ids, viewer) : new Map<string, Dispute>();
      return ids.map((id) => found.get(id));
    }, options),
    refundPeople: new DataLoader(async (ids) => {
      const found = viewer ? await services.refundPeople.ofRefunds(ids, viewer.personId) : new Map<string, RefundPerson>();
      return ids.map((id) => found.get(id));
    }, options),
    quoteOf: (id) => (viewer ? services.quotes.open(viewer.personId, id) : undefined),
  };
}
