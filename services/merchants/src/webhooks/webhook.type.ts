import { connectionTypes, ForPartners, showToPartners, UserErrorType } from '@tael/graphql';
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum WebhookEndpointStatusType {
  ENABLED = 'ENABLED',
  DISABLED = 'DISABLED',
}

registerEnumType(WebhookEndpointStatusType, { name: 'WebhookEndpointStatus' });

export enum WebhookDisabledReasonType {
  OWNER = 'OWNER',
  GONE = 'GONE',
  FAILING = 'FAILING',
}

registerEnumType(WebhookDisabledReasonType, {
  name: 'WebhookDisabledReason',
  description: 'OWNER: you said so. GONE: it answered 410. FAILING: nothing was delivered for five days on end.',
});

export enum WebhookDeliveryStatusType {
  PENDING = 'PENDING',
  DELIVERED = 'DELIVERED',
  DEAD = 'DEAD',
  SKIPPED = 'SKIPPED',
}

registerEnumType(WebhookDeliveryStatusType, {
  name: 'WebhookDeliveryStatus',
  description:
    'PENDING: waits for its turn or its next attempt. DELIVERED: answered with 2xx. DEAD: ten attempts failed. ' +
    'SKIPPED: its endpoint was disabled. What is not PENDING can be asked for again.',
});

showToPartners('WebhookEndpointStatus', 'WebhookDisabledReason', 'WebhookDeliveryStatus');

@ObjectType('WebhookKey', { description: 'An Ed25519 key that messages to an endpoint are signed with.' })
@ForPartners()
export class WebhookKeyType {
  @Field(() => String, { description: '`whpk_` and the 32 bytes in base64 (Standard Webhooks 1.0).' })
  publicKey: string;

  @Field(() => Date)
  createdAt: Date;

  @Field(() => Date, { nullable: true, description: 'From when it signs no more; null for the key of now.' })
  expiresAt: Date | null;
}

@ObjectType('WebhookEndpoint', { description: 'Where its owner is told of events, by Standard Webhooks 1.0.' })
@ForPartners()
export class WebhookEndpointType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  url: string;

  @Field(() => String)
  description: string;

  @Field(() => [String])
  eventTypes: string[];

  @Field(() => WebhookEndpointStatusType)
  status: keyof typeof WebhookEndpointStatusType;

  @Field(() => WebhookDisabledReasonType, { nullable: true })
  disabledReason: keyof typeof WebhookDisabledReasonType | null;

  @Field(() => [WebhookKeyType], { description: 'What signs at present, the newest first: two within a day of a rotation, four at most.' })
  keys: WebhookKeyType[];

  @Field(() => Date)
  createdAt: Date;
}

@ObjectType('WebhookDelivery', { description: 'A message to an endpoint. Its id is the `webhook-id`, in each attempt and each redelivery.' })
@ForPartners()
export class WebhookDeliveryType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  eventType: string;

  @Field(() => WebhookDeliveryStatusType)
  status: keyof typeof WebhookDeliveryStatusType;

  @Field(() => Int, { description: 'Since it was written, or was asked for again.' })
  attempts: number;

  @Field(() => Int, { nullable: true, description: 'What the last attempt was answered with; null where no answer came.' })
  responseStatus: number | null;

  @Field(() => String, { nullable: true, description: 'The beginning of that answer, with what could be personal taken out.' })
  responseExcerpt: string | null;

  @Field(() => String, { nullable: true, description: 'Why it was not delivered, for a person who looks for the cause.' })
  reason: string | null;

  @Field(() => Date)
  createdAt: Date;

  @Field(() => Date)
  updatedAt: Date;
}

export const { Connection: WebhookEndpointConnection, Edge: WebhookEndpointEdge } = connectionTypes(
  'WebhookEndpoint',
  () => WebhookEndpointType,
);
export const { Connection: WebhookDeliveryConnection, Edge: WebhookDeliveryEdge } = connectionTypes(
  'WebhookDelivery',
  () => WebhookDeliveryType,
);
for (const type of [WebhookEndpointConnection, WebhookEndpointEdge, WebhookDeliveryConnection, WebhookDeliveryEdge]) ForPartners()(type);

@ObjectType()
@ForPartners()
export class CreateWebhookEndpointPayload {
  @Field(() => WebhookEndpointType, { nullable: true })
  endpoint?: WebhookEndpointType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
@ForPartners()
export class UpdateWebhookEndpointPayload {
  @Field(() => WebhookEndpointType, { nullable: true })
  endpoint?: WebhookEndpointType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
@ForPartners()
export class RotateWebhookKeyPayload {
  @Field(() => WebhookEndpointType, { nullable: true })
  endpoint?: WebhookEndpointType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
@ForPartners()
export class RedeliverWebhookPayload {
  @Field(() => WebhookDeliveryType, { nullable: true })
  delivery?: WebhookDeliveryType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
@ForPartners()
export class SendTestWebhookPayload {
  @Field(() => WebhookDeliveryType, { nullable: true })
  delivery?: WebhookDeliveryType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
@ForPartners()
export class DeleteWebhookEndpointPayload {
  @Field(() => ID, { nullable: true })
  endpointId?: string | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
