import { principalOf, serviceBusy, toUserErrors, unauthenticated } from '@tael/graphql';
import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { AccountsContext } from '../loaders';
import { SignUpPayload } from '../sessions/session.type';
import { PasswordsBusy } from './password.service';
import { SignUpInput } from './person.input';
import type { PersonService } from './person.service';
import { UserType } from './user.type';

@Resolver(() => UserType)
export class PersonResolver {
  constructor(private readonly people: PersonService) {}

  @Query(() => UserType, {
    description: 'The signed-in person. Without a valid session: GraphQL error with extensions.code UNAUTHENTICATED.',
  })
  async viewer(@Ctx() context: AccountsContext): Promise<UserType> {
    const person = await context.loaders.users.load(principalOf(context).personId);
    if (!person) throw unauthenticated();
    return person;
  }

  @Mutation(() => SignUpPayload, { description: 'Registers a person and opens a wallet in `currency`.' })
  async signUp(
    @Arg('input', () => SignUpInput) input: SignUpInput,
    @Ctx() { identity }: AccountsContext,
  ): Promise<SignUpPayload> {
    const done = await whenNotBusy(() => this.people.signUp(input, identity));
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, identity.locale) };
    return { user: done.person, session: done.session, userErrors: [] };
  }
}

/** Turns a full queue of passwords into the error that says so. */
export async function whenNotBusy<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof PasswordsBusy ? serviceBusy(1) : error;
  }
}
