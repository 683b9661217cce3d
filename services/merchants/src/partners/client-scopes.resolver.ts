import { principalWithRole, type SubgraphContext, toUserErrors, UserErrorType } from '@tael/graphql';
import { Arg, Ctx, Field, Mutation, ObjectType, Resolver } from 'type-graphql';
import { SetPartnerClientScopesInput } from './client-scopes.input';
import type { ClientScopesService } from './client-scopes.service';
import { PartnerType } from './partner.type';

@ObjectType()
export class SetPartnerClientScopesPayload {
  @Field(() => PartnerType, { nullable: true })
  partner?: PartnerType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

/** What operators give to clients, and take from them. */
@Resolver()
export class ClientScopesResolver {
  constructor(private readonly service: ClientScopesService) {}

  @Mutation(() => SetPartnerClientScopesPayload, {
    description:
      'For operators: sets what a client may ask tokens for. Where something is taken away, all tokens that the client has end at once, and it gets new ones for ' +
      'what is left; where something is given, they stay. The same scopes are answered as they are. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async setPartnerClientScopes(
    @Arg('input', () => SetPartnerClientScopesInput) input: SetPartnerClientScopesInput,
    @Ctx() context: SubgraphContext<unknown>,
  ): Promise<SetPartnerClientScopesPayload> {
    const { personId } = principalWithRole(context, 'OPERATOR');
    const { identity } = context;
    const outcome = await this.service.set(input, { actor: { kind: 'PERSON', id: personId }, traceparent: identity.traceparent });
    return outcome.ok ? { partner: outcome.partner, userErrors: [] } : { userErrors: toUserErrors(outcome.refusals, identity.locale) };
  }
}
