import { fromMoneyInput, serviceBusy, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { QueueFull } from '../batches/batch.queue';
import { callerOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { transactionAnswer } from '../transactions/transaction.answer';
import { PayMerchantInput } from './payment.input';
import type { PaymentService } from './payment.service';
import { PayMerchantPayload } from './payment.type';

@Resolver()
export class PaymentResolver {
  constructor(private readonly payments: PaymentService) {}

  @Mutation(() => PayMerchantPayload, { description: 'Pays a merchant from a wallet.' })
  async payMerchant(
    @Arg('input', () => PayMerchantInput) input: PayMerchantInput, @Ctx() context: AccountsContext,
  ): Promise<PayMerchantPayload> {
    const caller = callerOf(context);
    const amount = fromMoneyInput(input.amount, ['input', 'amount']);
    if (!amount.ok) return { userErrors: toUserErrors(amount.refusals, context.identity.locale) };
    const { walletId, merchantId, description, idempotencyKey, stepUpId } = input;
    const answer = await this.payments.pay(caller, {
      walletId, merchantId, amount: amount.money, description: description ?? undefined, idempotencyKey,
      stepUpId: stepUpId ?? undefined,
    }).catch(busyWhereFull);
    const written = await transactionAnswer(context, answer);
    if (!answer.ok) return written;
    return {
      ...written,
      // Read only where the answer's wallet is asked for.
      get wallet() {
        return context.loaders.ownWallets.load(walletId.toLowerCase());
      },
    };
  }
}

export function busyWhereFull(error: unknown): never {
  throw error instanceof QueueFull ? serviceBusy(1) : error;
}
