import { buildSubgraph } from '@tael/graphql';
import type { GraphQLSchema } from 'graphql';
import { PushSubscriptionResolver } from './channels/push-subscription.resolver';
import { NotificationConnectionResolver, NotificationResolver, UserInboxResolver } from './inbox/inbox.resolver';
import { toNotification } from './inbox/notification.type';
import type { NotificationsLoaders } from './loaders';
import { UserType } from './people/user.type';
import { PreferencesResolver, UserPreferencesResolver } from './preferences/preferences.resolver';
import type { NotificationsServices } from './services';

/** Makes the resolvers of the services. */
export function resolverInstances(services: NotificationsServices, vapidPublicKey: string): Map<Function, object> {
  return new Map<Function, object>([
    [UserInboxResolver, new UserInboxResolver(services.inbox)],
    [NotificationConnectionResolver, new NotificationConnectionResolver(services.inbox)],
    [NotificationResolver, new NotificationResolver(services.inbox)],
    [UserPreferencesResolver, new UserPreferencesResolver(services.preferences)],
    [PreferencesResolver, new PreferencesResolver(services.preferences)],
    [PushSubscriptionResolver, new PushSubscriptionResolver(services.subscriptions, vapidPublicKey)],
  ]);
}

/** Builds the subgraph; without resolvers it can only be printed. */
export function notificationsSchema(instances: Map<Function, object> = new Map()): {
  schema: GraphQLSchema;
  sdl: string;
} {
  return buildSubgraph<NotificationsLoaders>({
    resolvers: [
      UserInboxResolver,
      NotificationConnectionResolver,
      NotificationResolver,
      UserPreferencesResolver,
      PreferencesResolver,
      PushSubscriptionResolver,
    ],
    orphanedTypes: [UserType],
    container: instances,
    references: {
      User: ({ id }) => ({ id }),
      Notification: async ({ id }, { loaders }) => {
        const message = await loaders.message.load(id);
        return message ? toNotification(message) : null;
      },
    },
  });
}
