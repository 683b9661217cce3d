import { Field, InputType } from 'type-graphql';

@InputType({ description: 'What PushManager.subscribe gave in the browser; keys in base64url.' })
export class RegisterPushSubscriptionInput {
  @Field(() => String)
  endpoint: string;

  @Field(() => String)
  p256dh: string;

  @Field(() => String)
  auth: string;
}
