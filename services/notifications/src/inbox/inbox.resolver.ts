import { pageOf, principalOf, type SubgraphContext, toConnection, toUserErrors, UserErrorType } from '@tael/graphql';
import {
  Arg,
  Args,
  Ctx,
  Field,
  FieldResolver,
  Int,
  Mutation,
  ObjectType,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import type { NotificationsLoaders } from '../loaders';
import { UserType } from '../people/user.type';
import { InboxArgs, MarkNotificationsReadInput } from './inbox.input';
import type { InboxMessage, InboxService } from './inbox.service';
import { NotificationConnection, NotificationType, toNotification } from './notification.type';

type Context = SubgraphContext<NotificationsLoaders>;

@ObjectType()
export class MarkNotificationsReadPayload {
  @Field(() => Int, { nullable: true })
  unreadCount?: number | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const isPosition = ([createdAt = '', id = '', ...rest]: readonly string[]): boolean =>
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(createdAt) &&
  // Date.parse rolls 30 February over and knows a year 0; Postgres refuses both.
  !Number.isNaN(Date.parse(createdAt)) &&
  new Date(createdAt).toISOString() === createdAt &&
  !createdAt.startsWith('0000') &&
  UUID.test(id) &&
  rest.length === 0;

@Resolver(() => UserType)
export class UserInboxResolver {
  constructor(private readonly inbox: InboxService) {}

  @FieldResolver(() => NotificationConnection, { name: 'inbox', nullable: true, description: 'Newest first.' })
  async messages(
    @Root() user: UserType,
    @Args(() => InboxArgs) args: InboxArgs,
    @Ctx() context: Context,
  ): Promise<object | null> {
    // Somebody signed in who is another person gets null; whoever is not signed in is told so.
    if (principalOf(context).personId !== user.id) return null;
    const page = pageOf(args, isPosition);
    const messages = await this.inbox.page(user.id, { ...page, unreadOnly: args.unreadOnly ?? false });
    return toConnection(messages, page, {
      node: toNotification,
      position: (message) => [message.createdAt.toISOString(), message.id],
    });
  }
}

@Resolver(() => NotificationConnection)
export class NotificationConnectionResolver {
  constructor(private readonly inbox: InboxService) {}

  // Only one's own connection is ever reached: the inbox of others is null.
  @FieldResolver(() => Int)
  unreadCount(@Ctx() context: Context): Promise<number> {
    return this.inbox.unreadCount(principalOf(context).personId);
  }
}

@Resolver()
export class NotificationResolver {
  constructor(private readonly inbox: InboxService) {}

  @Mutation(() => MarkNotificationsReadPayload)
  async markNotificationsRead(
    @Arg('input', () => MarkNotificationsReadInput) input: MarkNotificationsReadInput,
    @Ctx() context: Context,
  ): Promise<MarkNotificationsReadPayload> {
    const marked = await this.inbox.markRead(principalOf(context).personId, input.ids);
    if (marked.ok) return { unreadCount: marked.unreadCount, userErrors: [] };
    return { userErrors: toUserErrors(marked.refusals, context.identity.locale) };
  }

  @Subscription(() => NotificationType, {
    description: 'Every notification for the viewer, as it is delivered to the inbox.',
    subscribe: ({ context }: { context: Context }) => context.loaders.live.listen(principalOf(context).personId),
  })
  notificationReceived(@Root() message: InboxMessage): NotificationType {
    return toNotification(message);
  }
}
