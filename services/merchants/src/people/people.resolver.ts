import { principalOf, type SubgraphContext, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { Loaders } from '../merchants/merchant.loader';
import { viewerOf } from '../merchants/merchant.resolver';
import { MerchantType } from '../merchants/merchant.type';
import type { PeopleOutcome, PeopleService } from './people.service';
import {
  ChangeMerchantRoleInput, ChangeMerchantRolePayload, InviteMerchantPersonInput, InviteMerchantPersonPayload, JoinMerchantInput, JoinMerchantPayload,
  MerchantPersonType, MerchantRoleType, RemoveMerchantPersonInput, RemoveMerchantPersonPayload,
} from './people.type';

type Context = SubgraphContext<Loaders>;

function toPayload<Done extends object>(outcome: PeopleOutcome<Done>, context: Context) {
  if (!outcome.ok) return { userErrors: toUserErrors(outcome.refusals, context.identity.locale) };
  const { ok: _ok, ...done } = outcome;
  return { ...done, userErrors: [] };
}

@Resolver(() => MerchantType)
export class PeopleResolver {
  constructor(private readonly service: PeopleService) {}

  @FieldResolver(() => [MerchantPersonType], {
    nullable: true,
    description: 'Who acts for the merchant. For its own people and operators; null for everybody else.',
  })
  async people(@Root() merchant: MerchantType, @Ctx() context: Context): Promise<MerchantPersonType[] | null> {
    const { principal } = context.identity;
    if (!principal) return null;
    const people = await context.loaders.people.load(merchant.id);
    const viewer = viewerOf(principal);
    return viewer.isOperator || people.some(({ personId }) => personId === viewer.personId) ? people : null;
  }

  @FieldResolver(() => MerchantRoleType, { nullable: true, description: 'The role of who asks; null where they have none.' })
  async viewerRole(@Root() merchant: MerchantType, @Ctx() context: Context): Promise<keyof typeof MerchantRoleType | null> {
    const { principal } = context.identity;
    if (!principal) return null;
    const people = await context.loaders.people.load(merchant.id);
    return people.find(({ personId }) => personId === principal.personId)?.role ?? null;
  }

  @Mutation(() => InviteMerchantPersonPayload, {
    description:
      'For the merchant\'s owners and operators: a code that one person can join with, for seven days. Refusals: INVALID_INPUT (an operator ' +
      'who says no reason), NOT_FOUND, NOT_ALLOWED, LIMIT_EXCEEDED (50 codes that wait).',
  })
  async inviteMerchantPerson(
    @Arg('input', () => InviteMerchantPersonInput) input: InviteMerchantPersonInput, @Ctx() context: Context,
  ): Promise<InviteMerchantPersonPayload> {
    return toPayload(await this.service.invite(input, viewerOf(principalOf(context))), context);
  }

  @Mutation(() => JoinMerchantPayload, {
    description:
      'Acts for a merchant from now on, in the role of the code; every owner is told. Refusals: WRONG_CODE, ALREADY_EXISTS, NOT_ALLOWED (an operator, by ' +
      'a code that an operator made), LIMIT_EXCEEDED (200 people).',
  })
  async joinMerchant(@Arg('input', () => JoinMerchantInput) input: JoinMerchantInput, @Ctx() context: Context): Promise<JoinMerchantPayload> {
    const viewer = viewerOf(principalOf(context));
    return toPayload(await this.service.join(input.code, viewer, context.identity.traceparent), context);
  }

  @Mutation(() => RemoveMerchantPersonPayload, {
    description:
      'For the merchant\'s owners and operators. Whom it is about and every owner, of before and after, are told. Refusals: INVALID_INPUT (an operator who ' +
      'says no reason), NOT_FOUND, NOT_ALLOWED (also for the last owner, and for an operator who has another part in the merchant).',
  })
  async removeMerchantPerson(
    @Arg('input', () => RemoveMerchantPersonInput) input: RemoveMerchantPersonInput, @Ctx() context: Context,
  ): Promise<RemoveMerchantPersonPayload> {
    return toPayload(await this.service.remove(input, viewerOf(principalOf(context)), context.identity.traceparent), context);
  }

  @Mutation(() => ChangeMerchantRolePayload, {
    description:
      'For the merchant\'s owners and operators. Whom it is about and every owner, of before and after, are told. Refusals: INVALID_INPUT (an operator who ' +
      'says no reason), NOT_FOUND, NOT_ALLOWED (also for the last owner, and for an operator who has another part in the merchant).',
  })
  async changeMerchantRole(
    @Arg('input', () => ChangeMerchantRoleInput) input: ChangeMerchantRoleInput, @Ctx() context: Context,
  ): Promise<ChangeMerchantRolePayload> {
    return toPayload(await this.service.changeRole(input, viewerOf(principalOf(context)), context.identity.traceparent), context);
  }
}
