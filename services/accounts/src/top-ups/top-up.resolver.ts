import { fromMoneyInput, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { callerOf } from '../callers';
import type { AccountsContext } from '../loaders';
import type { TransactionService } from '../transactions/transaction.service';
import { toTransactionType } from '../transactions/transaction.view';
import { TopUpInput } from './top-up.input';
import type { TopUpService } from './top-up.service';
import { TopUpPayload } from './top-up.type';

@Resolver(() => TopUpPayload)
export class TopUpResolver {
  constructor(private readonly services: { topUps: TopUpService; transactions: TransactionService }) {}

  @Mutation(() => TopUpPayload, { description: 'Charges a stored payment method and credits the wallet.' })
  async topUp(
    @Arg('input', () => TopUpInput) input: TopUpInput,
    @Ctx() context: AccountsContext,
  ): Promise<TopUpPayload> {
    const caller = callerOf(context);
    const { locale } = context.identity;
    const amount = fromMoneyInput(input.amount, ['input', 'amount']);
    if (!amount.ok) return { userErrors: toUserErrors(amount.refusals, locale) };
    const done = await this.services.topUps.topUp(caller, { ...input, amount: amount.money });
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, locale) };
    const { topUp } = done;
    const [view, wallet] = await Promise.all([
      this.services.transactions.viewOf(topUp.id, caller),
      context.loaders.ownWallets.load(topUp.walletId),
    ]);
    const refusals =
      topUp.status === 'FAILED' ? [{ code: 'CARD_DECLINED' as const, field: ['input', 'paymentMethodId'] }] : [];
    return {
      transaction: view && toTransactionType(view),
      wallet: wallet ?? undefined,
      userErrors: toUserErrors(refusals, locale),
    };
  }
}
