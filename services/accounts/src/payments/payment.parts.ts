import type { Sealer } from '@tael/platform/seal';
import { personByEmail } from '../people/person.service';
import { DisputeService } from '../disputes/dispute.service';
import { QuoteService } from '../quotes/quote.service';
import { RefundPersonService } from '../refunds/refund-person.service';
import { RefundService } from '../refunds/refund.service';
import type { Parts } from '../services';
import { StepUpService } from '../step-ups/step-up.service';
import { AttemptService } from '../sessions/attempt.service';
import { StatementService } from '../statements/statement.service';
import { TransactionService } from '../transactions/transaction.service';
import { TransferService } from '../transfers/transfer.service';
import { PaymentService } from './payment.service';
import { QrPaymentService } from './qr-payment.service';

/** The services that move money and show what moved. */
export interface PaymentServices {
  readonly payments: PaymentService;
  readonly qrPayments: QrPaymentService;
  readonly quotes: QuoteService;
  readonly transfers: TransferService;
  readonly refunds: RefundService;
  readonly refundPeople: RefundPersonService;
  readonly disputes: DisputeService;
  readonly transactions: TransactionService;
  readonly statements: StatementService;
  readonly stepUps: StepUpService;
}

/** Makes the services that move money and show what moved. */
export function createPaymentServices({ dataSource, sealer, settings, now }: Parts & { sealer: Sealer }): PaymentServices {
  const stepUps = new StepUpService({ dataSource, sealer, now });
  const shared = { dataSource, sealer, stepUps };
  const payments = new PaymentService(shared);
  return {
    stepUps,
    payments,
    qrPayments: new QrPaymentService(payments),
    quotes: new QuoteService(shared),
    transfers: new TransferService({
      ...shared, personByEmail: async (email) => (await personByEmail(dataSource.manager, sealer, email))?.id,
      attempts: new AttemptService(dataSource), failedRecipientsPerHour: settings.FAILED_RECIPIENTS_PER_HOUR,
    }),
    refunds: new RefundService(shared),
    refundPeople: new RefundPersonService(shared),
    disputes: new DisputeService({ dataSource, sealer, now }),
    transactions: new TransactionService(shared),
    statements: new StatementService({ dataSource, sealer, now }),
  };
}
