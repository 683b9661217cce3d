import {
  type ConnectionOf, pageOf, principalOf, principalWithRole, type SubgraphContext, toConnection, toUserErrors,
} from '@tael/graphql';
import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import type { Loaders } from '../loaders';
import { ActivateCampaignInput, CampaignsArgs, CreateCampaignInput, PauseCampaignInput } from './campaign.input';
import { readCampaignReason } from './campaign-reason.domain';
import type { CampaignOutcome, CampaignService } from './campaign.service';
import {
  ActivateCampaignPayload, CampaignConnection, CampaignType, CreateCampaignPayload, PauseCampaignPayload,
} from './campaign.type';
import { viewCampaign } from './campaign.view';

type Context = SubgraphContext<Loaders>;

@Resolver(() => CampaignType)
export class CampaignResolver {
  constructor(private readonly parts: { readonly campaigns: CampaignService; readonly now: () => Date }) {}

  @Query(() => CampaignConnection, {
    description: 'Newest first. Operators see every campaign, everybody else the ACTIVE ones.',
  })
  async campaigns(@Args(() => CampaignsArgs) args: CampaignsArgs, @Ctx() context: Context): Promise<ConnectionOf<CampaignType>> {
    const isOperator = principalOf(context).roles.includes('OPERATOR');
    const page = pageOf(args, (position) => position.length === 1 && isUuid(position[0]));
    const filter = { status: args.status ?? undefined, drafts: isOperator };
    const rows = await this.parts.campaigns.list(filter, { limit: page.limit + 1, after: page.after?.[0] });
    const now = this.parts.now();
    return toConnection(rows, page, {
      node: (row) => viewCampaign(row, { now, isOperator }),
      position: (row) => [row.id],
    });
  }

  @Mutation(() => CreateCampaignPayload, {
    description:
      'For operators. A campaign starts as a draft and does nothing until it is activated. Refusals: INVALID_INPUT, CURRENCY_MISMATCH.',
  })
  async createCampaign(
    @Arg('input', () => CreateCampaignInput) input: CreateCampaignInput, @Ctx() context: Context,
  ): Promise<CreateCampaignPayload> {
    const operator = principalWithRole(context, 'OPERATOR');
    const { reason: given, ...campaign } = input;
    const reason = readCampaignReason(given);
    if (!reason.ok) return this.payload(reason, context);
    return this.payload(await this.parts.campaigns.create(campaign, { operatorId: operator.personId, reason: reason.reason }), context);
  }

  @Mutation(() => ActivateCampaignPayload, {
    description:
      'For operators. Payments from now on may qualify. An active campaign is answered as it is. Refusals: INVALID_INPUT, NOT_FOUND, ' +
      'NOT_ALLOWED (its end has passed).',
  })
  async activateCampaign(
    @Arg('input', () => ActivateCampaignInput) input: ActivateCampaignInput, @Ctx() context: Context,
  ): Promise<ActivateCampaignPayload> {
    const { personId: operatorId } = principalWithRole(context, 'OPERATOR');
    const reason = readCampaignReason(input.reason);
    if (!reason.ok) return this.payload(reason, context);
    const by = { operatorId, reason: reason.reason };
    return this.payload(await this.parts.campaigns.activate(input.campaignId, by, context.identity.traceparent), context);
  }

  @Mutation(() => PauseCampaignPayload, {
    description:
      'For operators. Payments from now on do not qualify. A paused campaign is answered as it is. Refusals: INVALID_INPUT, NOT_FOUND, ' +
      'NOT_ALLOWED (a draft, or its end has passed).',
  })
  async pauseCampaign(
    @Arg('input', () => PauseCampaignInput) input: PauseCampaignInput, @Ctx() context: Context,
  ): Promise<PauseCampaignPayload> {
    const { personId: operatorId } = principalWithRole(context, 'OPERATOR');
    const reason = readCampaignReason(input.reason);
    if (!reason.ok) return this.payload(reason, context);
    const by = { operatorId, reason: reason.reason };
    return this.payload(await this.parts.campaigns.pause(input.campaignId, by, context.identity.traceparent), context);
  }

  private payload(outcome: CampaignOutcome, context: Context): CreateCampaignPayload {
    if (!outcome.ok) return { userErrors: toUserErrors(outcome.refusals, context.identity.locale) };
    return { campaign: viewCampaign(outcome.campaign, { now: this.parts.now(), isOperator: true }), userErrors: [] };
  }
}
