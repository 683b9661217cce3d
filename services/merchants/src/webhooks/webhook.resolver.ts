import {
  type ConnectionOf, ForPartners, PageArgs, pageOf, partnerWithScope, principalOf, principalWithRole, type SubgraphContext, toConnection, toUserErrors,
} from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { reasonOf } from '../audit/reason.domain';
import { MerchantType } from '../merchants/merchant.type';
import { PartnerType } from '../partners/partner.type';
import {
  CreateWebhookEndpointInput, DeleteWebhookEndpointInput, RedeliverWebhookInput, RotateWebhookKeyInput, SendTestWebhookInput,
  UpdateWebhookEndpointInput, WebhookDeliveriesArgs,
} from './webhook.input';
import type { WebhookLoaders } from './webhook.loader';
import {
  CreateWebhookEndpointPayload, DeleteWebhookEndpointPayload, RedeliverWebhookPayload, RotateWebhookKeyPayload, SendTestWebhookPayload,
  UpdateWebhookEndpointPayload, WebhookDeliveryConnection, WebhookDeliveryType, WebhookEndpointConnection, WebhookEndpointType,
} from './webhook.type';
import type { Asker } from './webhook.view';
import type { Outcome, WebhookEndpointService } from './webhook-endpoint.service';

type Context = SubgraphContext<WebhookLoaders>;

const SCOPE = 'webhooks:manage';

/** Gives who asks: a partner bank with the scope, or a person; throws where it is neither. */
function askerOf(context: Context): Asker {
  if (context.identity.partner) {
    const { partnerId, clientId } = partnerWithScope(context, SCOPE);
    return { kind: 'PARTNER', partnerId, clientId };
  }
  const { personId, roles } = principalOf(context);
  return { kind: 'PERSON', personId, isOperator: roles.includes('OPERATOR') };
}

/** The same, of who changes something: an operator says why. */
function changerOf(context: Context, given: string | null | undefined): Outcome<Asker> {
  const asker = askerOf(context);
  if (asker.kind === 'PARTNER') return { ok: true, value: asker };
  const why = reasonOf(given, asker);
  return why.ok ? { ok: true, value: { ...asker, reason: why.plan } } : why;
}

const byId = (position: readonly string[]): boolean => position.length === 1 && isUuid(position[0]);
const endpointsView = { node: (row: WebhookEndpointType) => row, position: (row: WebhookEndpointType) => [row.id] };
const deliveriesView = { node: (row: WebhookDeliveryType) => row, position: (row: WebhookDeliveryType) => [row.id] };

function payload<Name extends string, Value>(name: Name, outcome: Outcome<Value>, { identity }: Context) {
  if (!outcome.ok) return { userErrors: toUserErrors(outcome.refusals, identity.locale) };
  return { ...({ [name]: outcome.value } as Record<Name, Value>), userErrors: [] };
}

@Resolver(() => MerchantType)
export class MerchantWebhooksResolver {
  @FieldResolver(() => WebhookEndpointConnection, {
    nullable: true, description: 'For owners and managers of the merchant, and operators; null for anybody else.',
  })
  async webhookEndpoints(
    @Root() merchant: MerchantType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: Context,
  ): Promise<ConnectionOf<WebhookEndpointType> | null> {
    const page = pageOf(args, byId);
    const rows = await context.loaders.webhookEndpoints.load({
      of: merchant.id, limit: page.limit + 1, after: page.after?.[0], filter: null,
    });
    return rows && toConnection(rows, page, endpointsView);
  }
}

@Resolver(() => PartnerType)
export class PartnerWebhooksResolver {
  @FieldResolver(() => WebhookEndpointConnection, { description: "For operators: the bank's endpoints, with what was sent to them." })
  async webhookEndpoints(
    @Root() partner: PartnerType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: Context,
  ): Promise<ConnectionOf<WebhookEndpointType>> {
    principalWithRole(context, 'OPERATOR');
    const page = pageOf(args, byId);
    const rows = await context.loaders.partnerWebhookEndpoints.load({
      of: partner.id, limit: page.limit + 1, after: page.after?.[0], filter: null,
    });
    return toConnection(rows, page, endpointsView);
  }
}

@Resolver(() => WebhookEndpointType)
export class WebhookResolver {
  constructor(private readonly service: WebhookEndpointService) {}

  @Query(() => WebhookEndpointConnection, { description: 'For partner banks: their own endpoints. Scope: webhooks:manage.' })
  @ForPartners()
  async partnerWebhookEndpoints(
    @Args(() => PageArgs) args: PageArgs, @Ctx() context: Context,
  ): Promise<ConnectionOf<WebhookEndpointType>> {
    const { partnerId, clientId } = partnerWithScope(context, SCOPE);
    const page = pageOf(args, byId);
    const window = { limit: page.limit + 1, after: page.after?.[0] };
    return toConnection(await this.service.listOf({ kind: 'PARTNER', partnerId, clientId }, 'PARTNER', [partnerId], window), page, endpointsView);
  }

  @FieldResolver(() => WebhookDeliveryConnection, { description: 'What was sent to it within a month, and what waits; the newest first.' })
  async deliveries(
    @Root() endpoint: WebhookEndpointType, @Args(() => WebhookDeliveriesArgs) args: WebhookDeliveriesArgs, @Ctx() context: Context,
  ): Promise<ConnectionOf<WebhookDeliveryType>> {
    const page = pageOf(args, byId);
    const rows = await context.loaders.webhookDeliveries.load({
      of: endpoint.id, limit: page.limit + 1, after: page.after?.[0], filter: args.status ?? null,
    });
    return toConnection(rows, page, deliveriesView);
  }

  @Mutation(() => CreateWebhookEndpointPayload, {
    description:
      'Ten an owner at most. Once more with the same address and types is answered by the endpoint that there is, as it is, unless that was disabled. ' +
      'Refusals: NOT_FOUND, INVALID_INPUT, LIMIT_EXCEEDED.',
  })
  @ForPartners()
  async createWebhookEndpoint(
    @ForPartners() @Arg('input', () => CreateWebhookEndpointInput) input: CreateWebhookEndpointInput, @Ctx() context: Context,
  ): Promise<CreateWebhookEndpointPayload> {
    const { reason, ...endpoint } = input;
    const asker = changerOf(context, reason);
    if (!asker.ok) return payload('endpoint', asker, context);
    return payload('endpoint', await this.service.create(asker.value, { ...endpoint, merchantId: input.merchantId ?? null }), context);
  }

  @Mutation(() => UpdateWebhookEndpointPayload, {
    description: 'Changes what is given, and leaves the rest. Refusals: NOT_FOUND, INVALID_INPUT.',
  })
  @ForPartners()
  async updateWebhookEndpoint(
    @ForPartners() @Arg('input', () => UpdateWebhookEndpointInput) input: UpdateWebhookEndpointInput, @Ctx() context: Context,
  ): Promise<UpdateWebhookEndpointPayload> {
    const { endpointId, url, eventTypes, description, enabled, reason } = input;
    const asker = changerOf(context, reason);
    if (!asker.ok) return payload('endpoint', asker, context);
    const change = {
      endpointId, url: url ?? undefined, eventTypes: eventTypes ?? undefined, description: description ?? undefined,
      enabled: enabled ?? undefined,
    };
    return payload('endpoint', await this.service.update(asker.value, change), context);
  }

  @Mutation(() => DeleteWebhookEndpointPayload, { description: 'What waits is not sent. Refusals: NOT_FOUND.' })
  @ForPartners()
  async deleteWebhookEndpoint(
    @ForPartners() @Arg('input', () => DeleteWebhookEndpointInput) input: DeleteWebhookEndpointInput, @Ctx() context: Context,
  ): Promise<DeleteWebhookEndpointPayload> {
    const asker = changerOf(context, input.reason);
    if (!asker.ok) return payload('endpointId', asker, context);
    return payload('endpointId', await this.service.delete(asker.value, input.endpointId), context);
  }

  @Mutation(() => RotateWebhookKeyPayload, {
    description:
      'A new key signs at once; those of before sign along, each until a day after it was followed. Once more gives one more: four sign at most. ' +
      'Refusals: NOT_FOUND, LIMIT_EXCEEDED.',
  })
  @ForPartners()
  async rotateWebhookKey(
    @ForPartners() @Arg('input', () => RotateWebhookKeyInput) input: RotateWebhookKeyInput, @Ctx() context: Context,
  ): Promise<RotateWebhookKeyPayload> {
    const asker = changerOf(context, input.reason);
    if (!asker.ok) return payload('endpoint', asker, context);
    return payload('endpoint', await this.service.rotateKey(asker.value, input.endpointId), context);
  }

  @Mutation(() => RedeliverWebhookPayload, {
    description: 'Sends a message again, under the same webhook-id, behind what waits already. Refusals: NOT_FOUND, NOT_ALLOWED.',
  })
  @ForPartners()
  async redeliverWebhook(
    @ForPartners() @Arg('input', () => RedeliverWebhookInput) input: RedeliverWebhookInput, @Ctx() context: Context,
  ): Promise<RedeliverWebhookPayload> {
    const asker = changerOf(context, input.reason);
    if (!asker.ok) return payload('delivery', asker, context);
    return payload('delivery', await this.service.redeliver(asker.value, input.deliveryId), context);
  }

  @Mutation(() => SendTestWebhookPayload, {
    description: 'Sends a message of type webhook.test, whatever the endpoint chose. Refusals: NOT_FOUND, NOT_ALLOWED.',
  })
  @ForPartners()
  async sendTestWebhook(
    @ForPartners() @Arg('input', () => SendTestWebhookInput) input: SendTestWebhookInput, @Ctx() context: Context,
  ): Promise<SendTestWebhookPayload> {
    return payload('delivery', await this.service.sendTest(askerOf(context), input.endpointId), context);
  }
}
