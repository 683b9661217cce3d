import { Field, InputType } from 'type-graphql';

@InputType({ description: 'What PushManager.subscribe gave in the browser; keys in base64url.' })
export class RegisterPushSubscriptionInput {
  @Field(() => String, { description: 'The https address that the browser gave (PushSubscription.endpoint).' })
  endpoint: string;

  @Field(() => String, { description: 'The key of that name that the browser gave: 65 bytes as base64url.' })
  p256dh: string;

  @Field(() => String, { description: 'The secret of that name that the browser gave: 16 bytes as base64url.' })
  auth: string;
}
