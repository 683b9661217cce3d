import type { Logger } from '@tael/platform/log';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { emit } from '../events/emission';
import { systemAccountId } from '../ledger/account.ids';
import { post } from '../ledger/ledger.service';
import type { ChargeVerdict } from './charge.domain';
import type { TopUpEntity } from './top-up.entity';

/** What the booking of a top-up's end needs of it. */
export type BookableTopUp = Pick<
  TopUpEntity,
  'id' | 'personId' | 'walletId' | 'paymentMethodId' | 'currency' | 'amount' | 'last4' | 'attempts'
>;

interface Ending<Verdict extends ChargeVerdict = ChargeVerdict> {
  readonly verdict: Verdict;
  readonly at: Date;
  readonly traceparent: string | undefined;
}

/**
 * Books an end once: of two workers, be it after a lost lease, the second finds that it is done. But a charge that the
 * processor made after all is never dropped: it settles a top-up that was given up without a charge. That there is no charge says
 * only the attempt that holds the top-up: another may have ordered one since.
 */
export function bookTopUp(
  { dataSource, log }: { dataSource: DataSource; log: Logger },
  topUp: BookableTopUp,
  ending: Ending,
): Promise<void> {
  const { verdict, at, traceparent } = ending;
  return inTransaction(dataSource, async (tx) => {
    const [row]: Pick<TopUpEntity, 'status' | 'chargeId' | 'attempts'>[] = await tx.query(
      '/* topUps.lock */ SELECT status, "chargeId", attempts FROM top_up WHERE id = $1 FOR NO KEY UPDATE',
      [topUp.id],
    );
    const open = row?.status === 'PENDING';
    if (verdict.end === 'FAILED') {
      if (open && (verdict.chargeId !== null || row.attempts === topUp.attempts)) await failTopUp(tx, topUp, { verdict, at, traceparent });
      return;
    }
    const givenUp = row?.status === 'FAILED' && row.chargeId === null;
    if (givenUp) {
      log.error(
        { topUpId: topUp.id, chargeId: verdict.chargeId },
        'a top-up that was given up was charged after all: it is settled',
      );
    }
    if (open || givenUp) await settleTopUp(tx, topUp, { verdict, traceparent });
  });
}

type Settled = Extract<ChargeVerdict, { end: 'SETTLED' }>;
type Failed = Extract<ChargeVerdict, { end: 'FAILED' }>;

/** Books a charge under the lock of its top-up, which is not SETTLED. */
export async function settleTopUp(tx: Tx, topUp: BookableTopUp, { verdict, traceparent }: Omit<Ending<Settled>, 'at'>): Promise<void> {
  const { id, personId, walletId, paymentMethodId, currency, amount, last4 } = topUp;
  const posted = await post(tx, {
    id,
    kind: 'TOP_UP',
    currency,
    amount,
    personId,
    walletId,
    externalRef: `charge:${verdict.chargeId}`,
    legs: [{ debit: systemAccountId('CARD_CLEARING', currency), credit: walletId, amount }],
  });
  await tx.query(
    `/* topUps.settle */ UPDATE top_up SET status = 'SETTLED', "failureReason" = NULL, "chargeId" = $2, "endedAt" = $3
     WHERE id = $1`,
    [id, verdict.chargeId, posted.recordedAt],
  );
  await emit(tx, { traceparent }, [
    {
      type: 'topup.settled',
      data: {
        transactionId: id,
        personId,
        walletId,
        currency,
        amount,
        paymentMethodId,
        last4,
        method: 'CARD',
        balanceAfter: posted.balances.get(walletId)!.posted,
        occurredAt: posted.recordedAt,
      },
    },
  ]);
}

/** Keeps under the lock of a top-up that it came to nothing. */
export async function failTopUp(tx: Tx, topUp: BookableTopUp, { verdict, at, traceparent }: Ending<Failed>): Promise<void> {
  const { id, personId, walletId, paymentMethodId, currency, amount, last4 } = topUp;
  await tx.query(
    `/* topUps.fail */ UPDATE top_up SET status = 'FAILED', "failureReason" = $2, "chargeId" = $3, "endedAt" = $4
     WHERE id = $1`,
    [id, verdict.reason, verdict.chargeId, at],
  );
  await emit(tx, { traceparent }, [
    {
      type: 'topup.failed',
      data: {
        transactionId: id,
        personId,
        walletId,
        currency,
        amount,
        paymentMethodId,
        last4,
        reason: verdict.reason,
        occurredAt: at,
      },
    },
  ]);
}
