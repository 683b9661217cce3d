import { ForPartners, PageArgs } from '@tael/graphql';
import { ArgsType, Field, ID, InputType } from 'type-graphql';
import { OPERATORS_REASON } from '../audit/audit-entry.type';
import { WebhookDeliveryStatusType } from './webhook.type';

// Banks are not asked why they change what is theirs: of what changes something each field is theirs but `reason`.

@InputType()
export class CreateWebhookEndpointInput {
  @ForPartners()
  @Field(() => ID, { nullable: true, description: 'Whose endpoint it is. A partner bank leaves it out: the endpoint is its own.' })
  merchantId?: string | null | undefined;

  @ForPartners()
  @Field(() => String, { description: 'https, port 443 or 8443, a public host.' })
  url: string;

  @ForPartners()
  @Field(() => [String], {
    description: 'What to tell of: payment.settled, payment.refunded, settlement.closed, payout.settled, payout.failed and payout.returned for a merchant, history-import.ended, partner.changed, partner.key-expiring, consent.withdrawn and consent.ended for a bank.',
  })
  eventTypes: string[];

  @ForPartners()
  @Field(() => String, { defaultValue: '', description: '200 characters at most.' })
  description: string;

  @Field(() => String, { nullable: true, description: OPERATORS_REASON })
  reason?: string | null | undefined;
}

@InputType()
export class UpdateWebhookEndpointInput {
  @ForPartners()
  @Field(() => ID)
  endpointId: string;

  @ForPartners()
  @Field(() => String, { nullable: true, description: 'As in createWebhookEndpoint.' })
  url?: string | null | undefined;

  @ForPartners()
  @Field(() => [String], { nullable: true, description: 'As in createWebhookEndpoint.' })
  eventTypes?: string[] | null | undefined;

  @ForPartners()
  @Field(() => String, { nullable: true, description: 'As in createWebhookEndpoint.' })
  description?: string | null | undefined;

  @ForPartners()
  @Field(() => Boolean, { nullable: true, description: 'False: nothing is sent, and what waits is skipped. True: begins anew.' })
  enabled?: boolean | null | undefined;

  @Field(() => String, { nullable: true, description: OPERATORS_REASON })
  reason?: string | null | undefined;
}

@InputType()
export class DeleteWebhookEndpointInput {
  @ForPartners()
  @Field(() => ID)
  endpointId: string;

  @Field(() => String, { nullable: true, description: OPERATORS_REASON })
  reason?: string | null | undefined;
}

@InputType()
export class RotateWebhookKeyInput {
  @ForPartners()
  @Field(() => ID)
  endpointId: string;

  @Field(() => String, { nullable: true, description: OPERATORS_REASON })
  reason?: string | null | undefined;
}

@InputType()
@ForPartners()
export class SendTestWebhookInput {
  @Field(() => ID)
  endpointId: string;
}

@InputType()
export class RedeliverWebhookInput {
  @ForPartners()
  @Field(() => ID)
  deliveryId: string;

  @Field(() => String, { nullable: true, description: OPERATORS_REASON })
  reason?: string | null | undefined;
}

@ArgsType()
export class WebhookDeliveriesArgs extends PageArgs {
  @ForPartners()
  @Field(() => WebhookDeliveryStatusType, { nullable: true })
  status?: keyof typeof WebhookDeliveryStatusType | null | undefined;
}
