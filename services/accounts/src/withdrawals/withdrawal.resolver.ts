import { fromMoneyInput, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { callerOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { transactionAnswer } from '../transactions/transaction.answer';
import { WithdrawInput } from './withdrawal.input';
import type { WithdrawalService } from './withdrawal.service';
import { WithdrawPayload } from './withdrawal.type';

@Resolver()
export class WithdrawalResolver {
  constructor(private readonly withdrawals: WithdrawalService) {}

  @Mutation(() => WithdrawPayload, {
    description: 'Pays from the wallet to a bank account. The fee is 0.5 %, between 0.25 and 2.50 of a currency with two digits. ' +
      'Who owes for a top-up that the bank took back gets NOT_ALLOWED until that is settled.',
  })
  async withdraw(
    @Arg('input', () => WithdrawInput) input: WithdrawInput, @Ctx() context: AccountsContext,
  ): Promise<WithdrawPayload> {
    const caller = callerOf(context);
    const { locale } = context.identity;
    const amount = fromMoneyInput(input.amount, ['input', 'amount']);
    if (!amount.ok) return { userErrors: toUserErrors(amount.refusals, locale) };
    const { walletId, paymentMethodId, idempotencyKey, stepUpId } = input;
    const done = await this.withdrawals.withdraw(caller, {
      walletId, paymentMethodId, amount: amount.money, idempotencyKey, stepUpId: stepUpId ?? undefined,
    });
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, locale) };
    const { order } = done;
    const written = await transactionAnswer(context, { ok: true, transactionId: order.id });
    const wallet = await context.loaders.ownWallets.load(order.walletId);
    const refused = order.status === 'FAILED'
      ? toUserErrors([{ code: 'NOT_ALLOWED', reason: 'BANK_REFUSED', field: ['input', 'paymentMethodId'] }], locale)
      : [];
    return { ...written, wallet, userErrors: refused };
  }
}
