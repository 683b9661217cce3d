import { fromMoneyInput, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { callerOf } from '../callers';
import type { AccountsContext } from '../loaders';
import type { TransactionService } from '../transactions/transaction.service';
import { toTransactionType } from '../transactions/transaction.view';
import { TopUpInput } from './top-up.input';
import type { TopUpService } from './top-up.service';
import { TopUpPayload } from './top-up.type';

const CARD_FAILURES: ReadonlySet<string> = new Set(['CARD_DECLINED', 'PROCESSOR_ERROR']);

@Resolver(() => TopUpPayload)
export class TopUpResolver {
  constructor(private readonly services: { topUps: TopUpService; transactions: TransactionService }) {}

  @Mutation(() => TopUpPayload, { description:
      'Charges a stored payment method and credits the wallet. A bank account is pulled from: the top-up is PENDING until the bank says how it ended.' })
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
    const field = ['input', 'paymentMethodId'];
    const refusals = topUp.status !== 'FAILED' ? [] : CARD_FAILURES.has(topUp.failureReason!)
      ? [{ code: 'CARD_DECLINED' as const, field }]
      : [{ code: 'NOT_ALLOWED' as const, reason: 'BANK_REFUSED', field }];
    return {
      transaction: view && toTransactionType(view),
      wallet: wallet ?? undefined,
      userErrors: toUserErrors(refusals, locale),
    };
  }
}
