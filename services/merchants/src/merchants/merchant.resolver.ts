import {
  badUserInput,
  type ConnectionOf,
  pageOf,
  principalOf,
  principalWithRole,
  type SubgraphContext,
  toConnection,
  toUserErrors,
} from '@tael/graphql';
import type { Principal } from '@tael/platform/identity';
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { isCategoryCode } from '../categories/category.domain';
import { NAME_LENGTH_MAX, type Viewer } from './merchant.domain';
import { ActivateMerchantInput, MerchantsArgs, RegisterMerchantInput, SuspendMerchantInput } from './merchant.input';
import type { Loaders } from './merchant.loader';
import type { MerchantOutcome, MerchantService } from './merchant.service';
import { ActivateMerchantPayload, MerchantConnection, MerchantType, RegisterMerchantPayload, SuspendMerchantPayload } from './merchant.type';

type Context = SubgraphContext<Loaders>;

export const viewerOf = (principal: Principal): Viewer => ({
  personId: principal.personId,
  isOperator: principal.roles.includes('OPERATOR'),
});

const toPayload = (outcome: MerchantOutcome, context: Context): RegisterMerchantPayload & ActivateMerchantPayload & SuspendMerchantPayload =>
  outcome.ok
    ? { merchant: outcome.merchant, userErrors: [] }
    : { userErrors: toUserErrors(outcome.refusals, context.identity.locale) };

@Resolver(() => MerchantType)
export class MerchantResolver {
  constructor(private readonly service: MerchantService) {}

  @Query(() => MerchantType, { nullable: true, description: 'A merchant that the viewer may see, or null.' })
  async merchant(@Arg('id', () => ID) id: string, @Ctx() context: Context): Promise<MerchantType | null> {
    principalOf(context);
    return context.loaders.merchant.load(id);
  }

  @Query(() => MerchantConnection, {
    description: 'The merchants that the viewer may see, in the order of their registration.',
  })
  async merchants(
    @Args(() => MerchantsArgs) args: MerchantsArgs,
    @Ctx() context: Context,
  ): Promise<ConnectionOf<MerchantType>> {
    const viewer = viewerOf(principalOf(context));
    const page = pageOf(args, (position) => position.length === 1 && isUuid(position[0]));
    if (args.search && args.search.length > NAME_LENGTH_MAX) throw badUserInput('`search` is too long.', ['search']);
    if (args.category && !isCategoryCode(args.category))
      throw badUserInput('`category` must be four digits.', ['category']);
    const filter = { search: args.search ?? undefined, categoryCode: args.category ?? undefined };
    const rows = await this.service.list(filter, viewer, { limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, { node: (row) => row, position: (row) => [row.id] });
  }

  @Mutation(() => RegisterMerchantPayload, {
    description:
      'For operators, and for people who register their own business: they act for it from then on. It is PENDING at first. ' +
      'Refusals: INVALID_INPUT.',
  })
  async registerMerchant(
    @Arg('input', () => RegisterMerchantInput) input: RegisterMerchantInput,
    @Ctx() context: Context,
  ): Promise<RegisterMerchantPayload> {
    const viewer = viewerOf(principalOf(context));
    return toPayload(await this.service.register(input, viewer, context.identity.traceparent), context);
  }

  @Mutation(() => ActivateMerchantPayload, {
    description:
      'For operators: lets a merchant be paid, for the first time or again. One that was suspended wants a reason. An active ' +
      'merchant is answered as it is. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED (an operator who has a part in it).',
  })
  async activateMerchant(
    @Arg('input', () => ActivateMerchantInput) input: ActivateMerchantInput,
    @Ctx() context: Context,
  ): Promise<ActivateMerchantPayload> {
    const viewer = viewerOf(principalWithRole(context, 'OPERATOR'));
    const command = { merchantId: input.merchantId, reason: input.reason ?? undefined };
    return toPayload(await this.service.activate(command, viewer, context.identity.traceparent), context);
  }

  @Mutation(() => SuspendMerchantPayload, {
    description:
      'For operators: shuts a merchant out. Nobody can pay it and nothing is paid out to it until it is activated again; what was ' +
      'paid can still be given back. A suspended one is answered as it is. Refusals: INVALID_INPUT, NOT_FOUND.',
  })
  async suspendMerchant(
    @Arg('input', () => SuspendMerchantInput) input: SuspendMerchantInput,
    @Ctx() context: Context,
  ): Promise<SuspendMerchantPayload> {
    const viewer = viewerOf(principalWithRole(context, 'OPERATOR'));
    return toPayload(await this.service.suspend(input, viewer, context.identity.traceparent), context);
  }
}
