import { fromMoneyInput, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { callerOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { transactionAnswer } from '../transactions/transaction.answer';
import { PayByQrInput } from './payment.input';
import { busyWhereFull } from './payment.resolver';
import { PayByQrPayload } from './payment.type';
import type { QrPaymentService } from './qr-payment.service';

@Resolver()
export class QrPaymentResolver {
  constructor(private readonly payments: QrPaymentService) {}

  @Mutation(() => PayByQrPayload, {
    description:
      'Pays a merchant by the text of its QR code (EMV QRCPS, merchant-presented), by the rules of payMerchant. A static code is paid ' +
      'as often as one likes; a dynamic one once, with its own amount, until it expires. Where NOT_FOUND says that the code is not ' +
      'known, it may be too new: send the same again in a moment.',
  })
  async payByQr(@Arg('input', () => PayByQrInput) input: PayByQrInput, @Ctx() context: AccountsContext): Promise<PayByQrPayload> {
    const caller = callerOf(context);
    const amount = input.amount ? fromMoneyInput(input.amount, ['input', 'amount']) : undefined;
    if (amount && !amount.ok) return { userErrors: toUserErrors(amount.refusals, context.identity.locale) };
    const { walletId, payload, description, idempotencyKey, stepUpId } = input;
    const answer = await this.payments.pay(caller, {
      walletId, payload, amount: amount?.money, description: description ?? undefined, idempotencyKey, stepUpId: stepUpId ?? undefined,
    }).catch(busyWhereFull);
    const written = await transactionAnswer(context, answer);
    if (!answer.ok) return written;
    return {
      ...written,
      get wallet() {
        return context.loaders.ownWallets.load(walletId.toLowerCase());
      },
    };
  }
}
