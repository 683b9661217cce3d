import { toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { operatorOf } from '../callers';
import type { AccountsContext } from '../loaders';
import type { CustomerSessionService } from './customer-session.service';
import { SignCustomerOutInput, SignCustomerOutPayload } from './customer-session.type';

@Resolver()
export class CustomerSessionResolver {
  constructor(private readonly customerSessions: CustomerSessionService) {}

  @Mutation(() => SignCustomerOutPayload, {
    description:
      'For operators: ends every session of a wallet\'s person, on each device, stops the removal of their second factor, and tells them, without the reason. Who knows the password can sign in again: ' +
      'freezeWallet keeps the money where it is meanwhile. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED (oneself), SESSION_EXPIRED.',
  })
  async signCustomerOut(@Arg('input', () => SignCustomerOutInput) input: SignCustomerOutInput, @Ctx() context: AccountsContext): Promise<SignCustomerOutPayload> {
    const done = await this.customerSessions.signOut(operatorOf(context), input);
    return done.ok ? { endedCount: done.endedCount, userErrors: [] } : { userErrors: toUserErrors(done.refusals, context.identity.locale) };
  }
}
