import { type ConnectionOf, PageArgs, pageOf, principalOf, toConnection, toUserErrors } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { signedInOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { UserType } from '../people/user.type';
import { type ActiveSessionService, isSessionPosition } from './active-session.service';
import {
  ActiveSessionConnection,
  type ActiveSessionType,
  EndOtherSessionsPayload,
  EndSessionInput,
  EndSessionPayload,
} from './active-session.type';

/** Where a person is signed in. A User stands in an answer only for the person themselves. */
@Resolver(() => UserType)
export class ActiveSessionResolver {
  constructor(private readonly activeSessions: ActiveSessionService) {}

  @FieldResolver(() => ActiveSessionConnection, { description: 'Where the person is signed in, newest first.' })
  async sessions(
    @Root() user: UserType,
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<ActiveSessionType>> {
    const page = pageOf(args, isSessionPosition);
    const current = principalOf(context).sessionId;
    return toConnection(await this.activeSessions.page(user.id, { ...page, asking: current }), page, {
      node: (session) => ({ ...session, current: session.id === current }),
      position: ({ id }) => [id],
    });
  }

  @Mutation(() => EndSessionPayload, {
    description: 'Ends a session of the viewer: its refresh token works no more. The current one: signs out.',
  })
  async endSession(
    @Arg('input', () => EndSessionInput) input: EndSessionInput,
    @Ctx() context: AccountsContext,
  ): Promise<EndSessionPayload> {
    const done = await this.activeSessions.end(signedInOf(context), input.sessionId);
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    return { sessionId: done.sessionId, userErrors: [] };
  }

  @Mutation(() => EndOtherSessionsPayload, { description: 'Ends every session of the viewer but the current one.' })
  async endOtherSessions(@Ctx() context: AccountsContext): Promise<EndOtherSessionsPayload> {
    const done = await this.activeSessions.endOthers(signedInOf(context));
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    return { endedCount: done.count, userErrors: [] };
  }
}
