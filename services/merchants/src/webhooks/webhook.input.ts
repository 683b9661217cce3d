import { ForPartners, PageArgs } from '@tael/graphql';
import { ArgsType, Field, ID, InputType } from 'type-graphql';
import { WebhookDeliveryStatusType } from './webhook.type';

@InputType()
@ForPartners()
export class CreateWebhookEndpointInput {
  @Field(() => ID, { nullable: true, description: 'Whose endpoint it is. A partner bank leaves it out: the endpoint is its own.' })
  merchantId?: string | null | undefined;

  @Field(() => String, { description: 'https, port 443 or 8443, a public host.' })
  url: string;

  @Field(() => [String], {
    description: 'What to tell of: payment.settled, payment.refunded, settlement.closed, payout.settled, payout.failed and payout.returned for a merchant, history-import.ended, partner.changed, partner.key-expiring, consent.withdrawn and consent.ended for a bank.',
  })
  eventTypes: string[];

  @Field(() => String, { defaultValue: '', description: '200 characters at most.' })
  description: string;
}

@InputType()
@ForPartners()
export class UpdateWebhookEndpointInput {
  @Field(() => ID)
  endpointId: string;

  @Field(() => String, { nullable: true })
  url?: string | null | undefined;

  @Field(() => [String], { nullable: true })
  eventTypes?: string[] | null | undefined;

  @Field(() => String, { nullable: true })
  description?: string | null | undefined;

  @Field(() => Boolean, { nullable: true, description: 'False: nothing is sent, and what waits is skipped. True: begins anew.' })
  enabled?: boolean | null | undefined;
}

@InputType()
@ForPartners()
export class DeleteWebhookEndpointInput {
  @Field(() => ID)
  endpointId: string;
}

@InputType()
@ForPartners()
export class RotateWebhookKeyInput {
  @Field(() => ID)
  endpointId: string;
}

@InputType()
@ForPartners()
export class SendTestWebhookInput {
  @Field(() => ID)
  endpointId: string;
}

@InputType()
@ForPartners()
export class RedeliverWebhookInput {
  @Field(() => ID)
  deliveryId: string;
}

@ArgsType()
export class WebhookDeliveriesArgs extends PageArgs {
  @ForPartners()
  @Field(() => WebhookDeliveryStatusType, { nullable: true })
  status?: keyof typeof WebhookDeliveryStatusType | null | undefined;
}
