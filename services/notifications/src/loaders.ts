import type { Identity } from '@tael/platform/identity';
import DataLoader from 'dataloader';
import type { InboxMessage, InboxService } from './inbox/inbox.service';
import type { LiveFeed } from './inbox/live-feed';

/** What the resolvers of one request share. */
export interface NotificationsLoaders {
  /** Messages of the one who asks; null for those of others and of nobody. */
  readonly message: DataLoader<string, InboxMessage | null>;
  readonly live: LiveFeed;
}

export function createLoaders(
  services: { inbox: InboxService; live: LiveFeed },
  { principal }: Identity,
): NotificationsLoaders {
  return {
    message: new DataLoader(async (ids: readonly string[]) =>
      principal ? services.inbox.byIds(principal.personId, ids) : ids.map(() => null),
    ),
    live: services.live,
  };
}
