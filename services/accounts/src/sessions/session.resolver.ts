import { toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { AccountsContext } from '../loaders';
import { whenNotBusy } from '../people/person.resolver';
import type { PersonService } from '../people/person.service';
import { CompleteSignInInput, RefreshSessionInput, SignInInput } from './session.input';
import type { SessionService } from './session.service';
import { CompleteSignInPayload, RefreshSessionPayload, SessionType, SignInPayload } from './session.type';
import type { SignInService } from './sign-in.service';

@Resolver(() => SessionType)
export class SessionResolver {
  constructor(private readonly services: { signIns: SignInService; sessions: SessionService; people: PersonService }) {}

  @Mutation(() => SignInPayload)
  async signIn(
    @Arg('input', () => SignInInput) input: SignInInput,
    @Ctx() { identity }: AccountsContext,
  ): Promise<SignInPayload> {
    const done = await whenNotBusy(() => this.services.signIns.signIn(input, identity));
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, identity.locale) };
    if ('challenge' in done) return { challenge: done.challenge, userErrors: [] };
    // Who must set a second factor up first has proved too little to be shown anything.
    const [person] = done.settingUp ? [] : await this.services.people.byIds([done.personId]);
    return { user: person, session: done.session, userErrors: [] };
  }

  @Mutation(() => CompleteSignInPayload, { description: 'The second step of a sign-in: a code in answer to its challenge.' })
  async completeSignIn(
    @Arg('input', () => CompleteSignInInput) input: CompleteSignInInput,
    @Ctx() { identity }: AccountsContext,
  ): Promise<CompleteSignInPayload> {
    const done = await this.services.signIns.complete(input, identity);
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, identity.locale) };
    const [person] = await this.services.people.byIds([done.personId]);
    return { user: person, session: done.session, userErrors: [] };
  }

  @Mutation(() => RefreshSessionPayload, {
    description:
      'Exchanges a refresh token for a new session. A refresh token works once; ' +
      'its reuse ends every session descended from it.',
  })
  async refreshSession(
    @Arg('input', () => RefreshSessionInput) input: RefreshSessionInput,
    @Ctx() { identity }: AccountsContext,
  ): Promise<RefreshSessionPayload> {
    const done = await this.services.sessions.refresh(input.refreshToken, identity.traceparent);
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, identity.locale) };
    return { session: done.session, userErrors: [] };
  }
}
