import { principalOf, type SubgraphContext, toUserErrors, UserErrorType } from '@tael/graphql';
import { Arg, Ctx, Field, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { RegisterPushSubscriptionInput } from './push-subscription.input';
import type { PushSubscriptionService } from './push-subscription.service';

@ObjectType()
export class RegisterPushSubscriptionPayload {
  @Field(() => Boolean)
  registered: boolean;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@Resolver()
export class PushSubscriptionResolver {
  constructor(
    private readonly subscriptions: PushSubscriptionService,
    private readonly publicKey: string,
  ) {}

  @Query(() => String, { description: 'The key that a browser asks for as applicationServerKey when it subscribes.' })
  webPushPublicKey(): string {
    return this.publicKey;
  }

  @Mutation(() => RegisterPushSubscriptionPayload, {
    description:
      'Lets a browser get web pushes for the viewer. Registered again, also by another person, it stands for the last one alone.',
  })
  async registerPushSubscription(
    @Arg('input', () => RegisterPushSubscriptionInput) input: RegisterPushSubscriptionInput,
    @Ctx() context: SubgraphContext,
  ): Promise<RegisterPushSubscriptionPayload> {
    const { endpoint, p256dh, auth } = input;
    const registered = await this.subscriptions.register(principalOf(context).personId, { endpoint, p256dh, auth });
    if (registered.ok) return { registered: true, userErrors: [] };
    return { registered: false, userErrors: toUserErrors(registered.refusals, context.identity.locale) };
  }
}
