import { fromMoneyInput, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Query, Resolver } from 'type-graphql';
import { callerOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { PaymentQuoteInput } from './quote.input';
import type { QuoteService } from './quote.service';
import { PaymentQuotePayload } from './quote.type';
import { toQuoteType } from './quote.view';

@Resolver()
export class QuoteResolver {
  constructor(private readonly quotes: QuoteService) {}

  @Query(() => PaymentQuotePayload, {
    description:
      'What a payment would cost and bring, without making it. A payment of the same wallet, merchant and amount within its ' +
      'validity is charged the same, unless a payment in between used the waiver up.',
  })
  async paymentQuote(
    @Arg('input', () => PaymentQuoteInput) input: PaymentQuoteInput, @Ctx() context: AccountsContext,
  ): Promise<PaymentQuotePayload> {
    const { personId, operator } = callerOf(context);
    const { locale } = context.identity;
    const amount = fromMoneyInput(input.amount, ['input', 'amount']);
    if (!amount.ok) return { userErrors: toUserErrors(amount.refusals, locale) };
    const { walletId, merchantId } = input;
    const answer = await this.quotes.quote({ personId, operator }, { walletId, merchantId, amount: amount.money });
    if (!answer.ok) return { userErrors: toUserErrors(answer.refusals, locale) };
    return { quote: toQuoteType(answer.quote), userErrors: [] };
  }
}
