import { fromMoneyInput, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { callerOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { transactionAnswer } from '../transactions/transaction.answer';
import { SendMoneyInput } from './transfer.input';
import type { TransferService } from './transfer.service';
import { SendMoneyPayload } from './transfer.type';

@Resolver()
export class TransferResolver {
  constructor(private readonly transfers: TransferService) {}

  @Mutation(() => SendMoneyPayload, { description: 'Sends money to another person\'s wallet in the same currency.' })
  async sendMoney(
    @Arg('input', () => SendMoneyInput) input: SendMoneyInput, @Ctx() context: AccountsContext,
  ): Promise<SendMoneyPayload> {
    const caller = callerOf(context);
    const amount = fromMoneyInput(input.amount, ['input', 'amount']);
    if (!amount.ok) return { userErrors: toUserErrors(amount.refusals, context.identity.locale) };
    const { walletId, recipientEmail, description, idempotencyKey, stepUpId } = input;
    const answer = await this.transfers.send(caller, {
      walletId, recipientEmail, amount: amount.money, description: description ?? undefined, idempotencyKey, stepUpId: stepUpId ?? undefined,
    });
    const written = await transactionAnswer(context, answer);
    return answer.ok ? { ...written, wallet: await context.loaders.ownWallets.load(walletId.toLowerCase()) } : written;
  }
}
