import { readTaelCode } from '@tael/emvco';
import type { Money } from '@tael/money';
import { type Refused, refuse } from '../outcomes/outcome.domain';
import type { Caller } from '../transactions/transaction.domain';
import type { PaymentAnswer } from './payment-batch.service';
import type { PaymentService } from './payment.service';
import { decideQrAmount } from './qr.domain';

export interface PayByQr {
  readonly walletId: string;
  readonly payload: string;
  readonly amount: Money | undefined;
  readonly description: string | undefined;
  readonly idempotencyKey: string;
  readonly stepUpId?: string | undefined;
}

const FAULTS = { NOT_OURS: 'QR_OTHER_SCHEME', UNSUPPORTED: 'QR_TIP' } as Readonly<Record<string, string>>;

/** Pays by the code of a shop: it is read, and then paid as any other payment to a merchant, by the same rules. */
export class QrPaymentService {
  constructor(private readonly payments: PaymentService) {}

  async pay(caller: Caller, command: PayByQr): Promise<PaymentAnswer> {
    const read = readTaelCode(command.payload);
    if (!read.ok) return refuse('INVALID_INPUT', ['input', 'payload'], FAULTS[read.fault] ?? 'QR_CODE');
    const { merchantId, codeId } = read.value;
    const decided = decideQrAmount(read.value, command.amount);
    if (!decided.ok) return decided;
    const { walletId, description, idempotencyKey, stepUpId } = command;
    const answer = await this.payments.pay(caller, {
      walletId, merchantId, amount: decided.amount, description, idempotencyKey, stepUpId, codeId,
    });
    return answer.ok ? answer : atPayload(answer);
  }
}

/** The merchant stands in the code, which is what the payer gave. */
function atPayload({ refusals }: Refused): Refused {
  return {
    ok: false,
    refusals: refusals.map((refusal) => (refusal.field?.[1] === 'merchantId' ? { ...refusal, field: ['input', 'payload'] } : refusal)),
  };
}
