import { type ConnectionOf, PageArgs, pageOf, toConnection, toUserErrors } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { signedInOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { UserType } from '../people/user.type';
import { type ConsentService, type ConsentView, isConsentPosition } from './consent.service';
import { ConsentConnection, type ConsentType, WithdrawConsentInput, WithdrawConsentPayload } from './consent.type';

const toConsentType = (view: ConsentView): ConsentType => ({ ...view, wallets: [...view.wallets] });

/** What a person lets banks see. A User stands in an answer only for the person themselves. */
@Resolver(() => UserType)
export class ConsentResolver {
  constructor(private readonly service: ConsentService) {}

  @FieldResolver(() => ConsentConnection, { description: 'What the person lets banks see of theirs, or did, newest first.' })
  async consents(@Root() user: UserType, @Args(() => PageArgs) args: PageArgs): Promise<ConnectionOf<ConsentType>> {
    const page = pageOf(args, isConsentPosition);
    return toConnection(await this.service.page(user.id, page), page, { node: toConsentType, position: ({ id }) => [id] });
  }

  @Mutation(() => WithdrawConsentPayload, {
    description: 'Ends a consent of the viewer: the next request of the bank finds nothing. One that has ended already is answered as it is.',
  })
  async withdrawConsent(
    @Arg('input', () => WithdrawConsentInput) input: WithdrawConsentInput,
    @Ctx() context: AccountsContext,
  ): Promise<WithdrawConsentPayload> {
    const asker = signedInOf(context);
    const done = await this.service.withdraw(asker, input.consentId);
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    const view = await this.service.byId(asker.personId, done.consentId);
    return { consent: view && toConsentType(view), userErrors: [] };
  }
}
