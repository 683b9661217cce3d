import { fromMoneyInput, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { callerOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { transactionAnswer } from '../transactions/transaction.answer';
import { RefundPaymentInput } from './refund.input';
import type { RefundService } from './refund.service';
import { RefundPaymentPayload } from './refund.type';

@Resolver()
export class RefundResolver {
  constructor(private readonly refunds: RefundService) {}

  @Mutation(() => RefundPaymentPayload, {
    description:
      'Gives a payment back, whole or in part. For the merchant\'s people and operators. All refunds of a payment never ' +
      'exceed it; its fee stays. A merchant\'s cashiers give back of one payment, and each of them in a day, no more than their limits (LIMIT_EXCEEDED); ' +
      'what owners and managers gave back is not counted to them.',
  })
  async refundPayment(
    @Arg('input', () => RefundPaymentInput) input: RefundPaymentInput, @Ctx() context: AccountsContext,
  ): Promise<RefundPaymentPayload> {
    const caller = callerOf(context);
    const amount = input.amount ? fromMoneyInput(input.amount, ['input', 'amount']) : undefined;
    if (amount && !amount.ok) return { userErrors: toUserErrors(amount.refusals, context.identity.locale) };
    const { transactionId, reason, idempotencyKey } = input;
    const answer = await this.refunds.refund(caller, {
      transactionId, amount: amount?.money, reason: reason ?? undefined, idempotencyKey,
    });
    return transactionAnswer(context, answer);
  }
}
