import DataLoader from 'dataloader';
import type { WebhookEndpointService } from './webhook-endpoint.service';
import type { Asker, WebhookDeliveryView, WebhookEndpointView } from './webhook.view';
import type { DeliveryStatus } from './webhook.domain';

/** One page of the list of one owner or endpoint. */
export interface PageKey<Filter = null> {
  readonly of: string;
  readonly limit: number;
  readonly after: string | undefined;
  readonly filter: Filter;
}

export interface WebhookLoaders {
  /** Null for merchants whose endpoints the asker may not see. */
  readonly webhookEndpoints: DataLoader<PageKey, WebhookEndpointView[] | null, string>;
  /** A bank's, for operators. */
  readonly partnerWebhookEndpoints: DataLoader<PageKey, WebhookEndpointView[], string>;
  readonly webhookDeliveries: DataLoader<PageKey<DeliveryStatus | null>, WebhookDeliveryView[], string>;
}

/** Makes the loaders of one request; who asks for nothing that is theirs finds nothing. */
export function createWebhookLoaders(service: WebhookEndpointService, asker: Asker | null): WebhookLoaders {
  return {
    webhookEndpoints: pages<null, WebhookEndpointView[] | null>(async (ids, page) => {
      if (!asker) return () => null;
      const visible = await service.visibleOwners(asker, ids);
      const found = await service.listOf(asker, 'MERCHANT', ids, page);
      return (id) => (visible.has(id) ? found.filter(({ ownerId }) => ownerId === id) : null);
    }),
    partnerWebhookEndpoints: pages<null, WebhookEndpointView[]>(async (ids, page) => {
      const found = asker ? await service.listOf(asker, 'PARTNER', ids, page) : [];
      return (id) => found.filter(({ ownerId }) => ownerId === id);
    }),
    webhookDeliveries: pages<DeliveryStatus | null, WebhookDeliveryView[]>(async (ids, page) => {
      if (!asker) return () => [];
      const found = await service.deliveriesOf(asker, ids, page.filter, page);
      return (id) => found.filter(({ endpointId }) => endpointId === id);
    }),
  };
}

// All that ask for the same page (a list's field has the same arguments for each of its rows) are one statement.
function pages<Filter, Rows>(
  load: (ids: readonly string[], page: PageKey<Filter>) => Promise<(id: string) => Rows>,
): DataLoader<PageKey<Filter>, Rows, string> {
  const kindOf = ({ limit, after, filter }: PageKey<Filter>): string => JSON.stringify([limit, after, filter]);
  return new DataLoader<PageKey<Filter>, Rows, string>(
    async (keys) => {
      const kinds = new Map<string, PageKey<Filter>[]>();
      for (const key of keys) kinds.set(kindOf(key), [...(kinds.get(kindOf(key)) ?? []), key]);
      const rowsOf = new Map<string, (id: string) => Rows>();
      for (const [kind, alike] of kinds) rowsOf.set(kind, await load(alike.map((key) => key.of), alike[0]!));
      return keys.map((key) => rowsOf.get(kindOf(key))!(key.of));
    },
    { cacheKeyFn: (key) => `${key.of} ${kindOf(key)}` },
  );
}
