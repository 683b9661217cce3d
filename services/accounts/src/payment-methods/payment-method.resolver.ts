import { principalOf, toUserErrors } from '@tael/graphql';
import { GraphQLError } from 'graphql';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { AccountsContext } from '../loaders';
import { UserType } from '../people/user.type';
import { ProcessorUnavailable } from '../processor/card-processor.port';
import { AddCardInput } from './payment-method.input';
import type { PaymentMethod, PaymentMethodService } from './payment-method.service';
import { AddCardPayload, PaymentMethodKind, PaymentMethodStatusEnum, PaymentMethodType } from './payment-method.type';

/** Writes a payment method for the API. */
export const viewPaymentMethod = (method: PaymentMethod): PaymentMethodType => ({
  ...method, kind: PaymentMethodKind[method.kind], status: PaymentMethodStatusEnum[method.status],
});

@Resolver(() => PaymentMethodType)
export class PaymentMethodResolver {
  constructor(private readonly paymentMethods: PaymentMethodService) {}

  @Mutation(() => AddCardPayload, {
    description:
      'Stores a card as a token: number and security code are never readable again. ' +
      'The same card again gives the same payment method.',
  })
  async addCard(
    @Arg('input', () => AddCardInput) input: AddCardInput,
    @Ctx() context: AccountsContext,
  ): Promise<AddCardPayload> {
    const { locale, traceparent } = context.identity;
    const caller = { personId: principalOf(context).personId, traceparent };
    try {
      const done = await this.paymentMethods.addCard(caller, input);
      if (!done.ok) return { userErrors: toUserErrors(done.refusals, locale) };
      return { paymentMethod: viewPaymentMethod(done.paymentMethod), userErrors: [] };
    } catch (error) {
      if (!(error instanceof ProcessorUnavailable)) throw error;
      context.log.warn({ error }, 'a card was not stored: the processor does not answer');
      throw new GraphQLError('Cards cannot be stored at present. Try again in a moment.', {
        extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true },
      });
    }
  }
}

/** A person's payment methods. A User stands in an answer only for the person themselves. */
@Resolver(() => UserType)
export class UserPaymentMethodsResolver {
  @FieldResolver(() => [PaymentMethodType], { description: 'Oldest first.' })
  async paymentMethods(@Root() user: UserType, @Ctx() context: AccountsContext): Promise<PaymentMethodType[]> {
    return (await context.loaders.paymentMethodsOfPerson.load(user.id)).map(viewPaymentMethod);
  }
}
