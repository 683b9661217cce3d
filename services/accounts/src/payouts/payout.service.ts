import type { CurrencyCode } from '@tael/money';
import { failpoint } from '@tael/platform/failpoint';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { openOrder } from '../bank-orders/bank-order.service';
import { merchantAccountId } from '../ledger/account.ids';
import { lockPayable } from '../ledger/ledger.service';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { type Cursor, lockCursor } from '../settlements/settlement-cursor.service';
import { byHandDenial, decidePayout, type MerchantStanding, payableNow, type PayoutState } from './payout.domain';
import type { PayoutAccountEntity } from './payout-account.entity';
import { bookPayout } from './payout-booking.service';

interface PayoutParts {
  readonly dataSource: DataSource;
  readonly now: () => Date;
}

type Account = Pick<PayoutAccountEntity, 'id' | 'status' | 'usableFrom' | 'last4'>;

interface LockedState extends PayoutState {
  readonly account: Account | undefined;
}

/** What is to be paid by hand. */
export interface PayoutByHand {
  readonly merchantId: string;
  readonly currency: CurrencyCode;
  readonly amount: bigint;
  /** The name under which the books take it once. */
  readonly externalRef?: string;
}

interface Opening {
  readonly amount: bigint;
  /** It is all that there is. */
  readonly whole: boolean;
  readonly externalRef?: string | undefined;
}

const ROUND = 50;
/** So long until a payout is tried again that could not be opened. */
const FAULT_MS = 60_000;

/**
 * Pays merchants what is payable to them. A payout is a CREDIT order to the bank: it is written, and the money leaves what is
 * payable, in one transaction under the merchant's cursor; the loop of bank orders brings it to the bank and to its end.
 */
export class PayoutService {
  constructor(private readonly parts: PayoutParts) {}

  /** Opens the payouts that are due. Gives how many merchants it looked at. */
  async openDue(stopped = () => false): Promise<number> {
    const { dataSource, now } = this.parts;
    const due: { inflowId: string }[] = await dataSource.query(
      '/* payouts.due */ SELECT "inflowId" FROM settlement_cursor WHERE "payAt" <= $1 ORDER BY "payAt" LIMIT $2', [now(), ROUND],
    );
    let fault: unknown;
    for (const { inflowId } of due) {
      if (stopped()) break;
      await this.payOut(inflowId).catch(async (error: unknown) => {
        fault ??= error;
        await dataSource.query(
          `/* payouts.later */ UPDATE settlement_cursor SET "payAt" = $2 WHERE "inflowId" = $1`, [inflowId, new Date(now().getTime() + FAULT_MS)],
        );
      });
    }
    if (fault !== undefined) throw fault;
    return due.length;
  }

  /** Opens a merchant's payout if one is due. */
  private async payOut(inflowId: string): Promise<void> {
    const opened = await inTransaction(this.parts.dataSource, async (tx) => {
      const cursor = await lockCursor(tx, inflowId, 'SKIP LOCKED');
      const pays = cursor !== undefined && (await this.openNext(tx, cursor));
      if (pays) failpoint('payout.before-commit');
      return pays;
    });
    if (opened) failpoint('payout.after-commit');
  }

  private async openNext(tx: Tx, cursor: Cursor): Promise<boolean> {
    const state = await this.stateOf(tx, cursor);
    const decided = decidePayout(state);
    if (decided.do === 'PAY') await this.open(tx, cursor, state.account!, { amount: decided.amount, whole: true });
    await tx.query(
      '/* payouts.next */ UPDATE settlement_cursor SET "payAt" = $2 WHERE "inflowId" = $1',
      [cursor.inflowId, decided.do === 'WAIT' ? decided.until : null],
    );
    return decided.do === 'PAY';
  }

  /**
   * Pays a merchant by hand, in the transaction in which a second person approves it. Two persons may pay to an account that is held or
   * was changed just now; they cannot pay what is not there, nor beside a payout that is under way.
   */
  async payOutByHand(tx: Tx, wish: PayoutByHand): Promise<Outcome<{ transactionId: string }>> {
    const locked = await this.lockByHand(tx, wish);
    if (!locked.ok) return locked;
    const { cursor, state } = locked;
    const { amount, externalRef } = wish;
    return { ok: true, transactionId: await this.open(tx, cursor, state.account!, { amount, whole: amount === payableNow(state), externalRef }) };
  }

  /** Says whether a payout by hand could go out now. */
  async lockByHand(tx: Tx, { merchantId, currency, amount }: PayoutByHand): Promise<Outcome<{ cursor: Cursor; state: LockedState }>> {
    const cursor = await lockCursor(tx, merchantAccountId('MERCHANT_INFLOW', merchantId, currency));
    if (!cursor) {
      const known: unknown[] = await tx.query('/* payouts.merchant */ SELECT 1 FROM merchant_copy WHERE "merchantId" = $1', [merchantId]);
      return known.length > 0 ? refuse('NOT_ALLOWED', ['input', 'merchantId'], 'NO_PAYOUT_ACCOUNT') : refuse('NOT_FOUND', ['input', 'merchantId']);
    }
    const state = await this.stateOf(tx, cursor);
    const denial = byHandDenial(state, amount);
    if (denial === 'INSUFFICIENT_FUNDS') return refuse('INSUFFICIENT_FUNDS', ['input', 'amount', 'amount']);
    return denial ? refuse('NOT_ALLOWED', ['input', 'merchantId'], denial) : { ok: true, cursor, state };
  }

  /**
   * What a payout depends on, under the cursor's lock. The merchant is locked too, before what is payable and the account, as by whoever sets
   * one: so a suspension that accounts has heard of stops this payout, and one that it hears of later stops the next.
   */
  private async stateOf(tx: Tx, { merchantId, currency, owed }: Cursor): Promise<LockedState> {
    const [merchant]: MerchantStanding[] = await tx.query(
      '/* payouts.standing */ SELECT verified, status FROM merchant_copy WHERE "merchantId" = $1 FOR SHARE', [merchantId],
    );
    const payable = await lockPayable(tx, merchantId, currency);
    const [account]: Account[] = await tx.query(
      `/* payouts.account */ SELECT id, status, "usableFrom", last4 FROM payout_account
       WHERE "merchantId" = $1 AND status <> 'REPLACED' FOR SHARE`,
      [merchantId],
    );
    const pending: unknown[] = await tx.query(
      `/* payouts.underWay */ SELECT 1 FROM bank_order WHERE "merchantId" = $1 AND currency = $2 AND status = 'PENDING'`, [merchantId, currency],
    );
    return { merchant, payable, owed, underWay: pending.length > 0, account, now: this.parts.now() };
  }

  private async open(tx: Tx, { inflowId, merchantId, currency }: Cursor, account: Account, { amount, whole, externalRef }: Opening): Promise<string> {
    const id = uuidv7();
    const order = { id, direction: 'CREDIT', merchantId, payoutAccountId: account.id, currency, amount, fee: 0n, last4: account.last4 } as const;
    await openOrder(tx, order, this.parts.now());
    await bookPayout(tx, order, externalRef);
    // A payout of all that there is carries every batch that none has carried to the bank yet.
    if (whole) {
      await tx.query(
        `/* payouts.carry */ UPDATE settlement s SET "payoutId" = $2 WHERE s."inflowId" = $1 AND s."merchantId" = $3 AND s.currency = $4
         AND (s."payoutId" IS NULL OR EXISTS (SELECT 1 FROM bank_order o WHERE o.id = s."payoutId" AND o.status IN ('FAILED', 'RETURNED')))`,
        [inflowId, id, merchantId, currency],
      );
    }
    return id;
  }
}
