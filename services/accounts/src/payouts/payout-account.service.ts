import type { Money } from '@tael/money';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Bank, Mandate } from '../bank/bank.port';
import { type BankAccountCommand, type CheckedBankAccount, checkBankAccount, checkDeposits, CONFIRMATIONS_MAX } from '../bank-accounts/bank-account.domain';
import { type Confirming, DepositCheck } from '../bank-accounts/deposit-check.service';
import { emit } from '../events/emission';
import { type KeyClaim, keyRefusals, once, type StoredAnswer, storedAnswer } from '../idempotency/idempotency.service';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { payFrom } from '../settlements/settlement-cursor.service';
import type { StepUpService } from '../step-ups/step-up.service';
import type { Caller } from '../transactions/transaction.domain';
import { type PayoutAccountStatus, usableFrom as usableFromOf } from './payout.domain';
import type { PayoutAccountEntity } from './payout-account.entity';
import { lockAsOwner, lockCursors, merchantPeople, ownerDenial, ownersChangedAt, toldOfAccount } from './payout-owner.service';

interface PayoutAccountParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly bank: Bank;
  readonly stepUps: StepUpService;
  readonly now: () => Date;
}

/** What is shown of a merchant's payout account: the number is kept nowhere. */
export type PayoutAccount = Pick<PayoutAccountEntity, 'id' | 'merchantId' | 'bankName' | 'last4' | 'status' | 'usableFrom' | 'createdAt'>;

export interface SetPayoutAccount extends BankAccountCommand {
  readonly merchantId: string;
  readonly stepUpId?: string | undefined;
  /** The same key again is the same change. */
  readonly idempotencyKey?: string | undefined;
}

const VISIBLE = 'id, "merchantId", "bankName", last4, status, "usableFrom", "createdAt"';

/** Says where merchants are paid to. Only an owner does, with the second factor; and every change is told, and waits a day. */
export class PayoutAccountService {
  private readonly deposits: DepositCheck;

  constructor(private readonly parts: PayoutAccountParts) {
    this.deposits = new DepositCheck(parts, 'payout_account');
  }

  /** Gives the present account of each of some merchants. Whoever shows it has asked who looks. */
  async current(
    merchantIds: readonly string[], manager: Pick<Tx, 'query'> = this.parts.dataSource.manager,
  ): Promise<Map<string, PayoutAccount>> {
    const rows: PayoutAccount[] = await manager.query(
      `/* payoutAccounts.current */ SELECT ${VISIBLE} FROM payout_account WHERE "merchantId" = ANY ($1::uuid[]) AND status <> 'REPLACED'`, [merchantIds],
    );
    return new Map(rows.map((row) => [row.merchantId, row]));
  }

  /** Puts an account in place of the one before. */
  async set(caller: Caller, command: SetPayoutAccount): Promise<Outcome<{ payoutAccount: PayoutAccount }>> {
    const merchantId = uuidOf(command.merchantId);
    if (!merchantId) return refuse('NOT_FOUND', ['input', 'merchantId']);
    const denied = ownerDenial(await merchantPeople(this.parts.dataSource.manager, merchantId), caller);
    if (denied) return denied;
    const checked = checkBankAccount(command);
    if (!checked.ok) return checked;
    const claims = this.claimsOf(caller, { merchantId, account: checked.account, key: command.idempotencyKey });
    const [claim] = claims;
    const invalid = claim ? keyRefusals(claim.key) : [];
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    // Before the bank is asked: a mandate more may be two small deposits more.
    const stored = await this.storedUnder(claims);
    if (stored) return stored.ok ? this.shown(merchantId, stored.transactionId) : stored;
    const id = claim?.transactionId ?? uuidv7();
    const mandate = await this.parts.bank.openMandate(checked.account, this.mandateKeyOf(caller, { merchantId, account: checked.account, wish: claim?.key ?? id }));
    if (mandate === null) return refuse('INVALID_INPUT', ['input', 'iban'], 'IBAN');
    const action = { purpose: 'SET_PAYOUT_ACCOUNT', merchantId, iban: checked.account.iban } as const;
    const { personId, sessionId } = caller;
    let set: PayoutAccount | undefined;
    const work = async (tx: Tx): Promise<Outcome<object>> => {
      // Asked again under the lock: whoever was owner a moment ago may be none now.
      const still = await lockAsOwner(tx, merchantId, caller);
      if (still) return still;
      return this.parts.stepUps.guard(tx, { personId, sessionId, stepUpId: command.stepUpId, action }, async () => {
        await this.replace(tx, caller, { id, merchantId, account: checked.account, mandate });
        set = (await this.current([merchantId], tx)).get(merchantId);
        return { ok: true as const };
      });
    };
    const { dataSource } = this.parts;
    const done = await (claim ? once(dataSource, claim, work) : inTransaction(dataSource, work));
    if (!done.ok) return done;
    // What was set just now is answered as it was set, though somebody may have set another one since.
    const made = 'transactionId' in done ? String(done.transactionId) : id;
    return set?.id === made ? { ok: true, payoutAccount: set } : this.shown(merchantId, made);
  }

  /**
   * The wish to set an account, as its key knows it: under the seal's key of now, then as the keys of before would have named it. The number
   * is kept nowhere, not even as a sum that could be guessed at.
   */
  private claimsOf(
    { personId }: Caller, { merchantId, account, key }: { merchantId: string; account: CheckedBankAccount; key: string | undefined },
  ): KeyClaim[] {
    if (key === undefined) return [];
    const { iban, holderName } = account;
    const transactionId = uuidv7();
    return this.parts.sealer.blindIndexes(JSON.stringify([iban, holderName]), 'payout-account').map((named) => (
      { scope: personId, key, mutation: 'setPayoutAccount', transactionId, input: { merchantId, account: named } }));
  }

  /** A wish whose answer was lost has the mandate that it had; another wish has another, whose deposits are named anew. */
  private mandateKeyOf({ personId }: Caller, { merchantId, account, wish }: { merchantId: string; account: CheckedBankAccount; wish: string }): string {
    return this.parts.sealer.blindIndex(JSON.stringify([personId, merchantId, account.iban, wish]), 'payout-mandate');
  }

  /** What was answered to any of these wishes; that the key is another wish's where it is none of them. */
  private async storedUnder(claims: readonly KeyClaim[]): Promise<StoredAnswer | undefined> {
    let stored: StoredAnswer | undefined;
    for (const claim of claims) {
      stored = await storedAnswer(this.parts.dataSource.manager, claim);
      if (!stored || stored.ok) return stored;
    }
    return stored;
  }

  private async shown(merchantId: string, id: string): Promise<Outcome<{ payoutAccount: PayoutAccount }>> {
    const account = (await this.current([merchantId])).get(merchantId);
    return account?.id === id ? { ok: true, payoutAccount: account } : refuse('NOT_ALLOWED', ['input', 'merchantId'], 'PAYOUT_ACCOUNT_REPLACED');
  }

  private async replace(
    tx: Tx, caller: Caller,
    { id, merchantId, account, mandate }: { id: string; merchantId: string; account: CheckedBankAccount; mandate: Mandate },
  ): Promise<void> {
    const { sealer, now } = this.parts;
    const before: unknown[] = await tx.query('/* payoutAccounts.before */ SELECT 1 FROM payout_account WHERE "merchantId" = $1 LIMIT 1', [merchantId]);
    await tx.query(`/* payoutAccounts.replace */ UPDATE payout_account SET status = 'REPLACED' WHERE "merchantId" = $1 AND status <> 'REPLACED'`, [merchantId]);
    const at = now();
    const usableFrom = usableFromOf({ now: at, isFirst: before.length === 0, ownersChangedAt: await ownersChangedAt(tx, merchantId) });
    const status: PayoutAccountStatus = mandate.verification === 'VERIFIED' ? 'ACTIVE' : 'PENDING_VERIFICATION';
    await tx.query(
      `/* payoutAccounts.add */ INSERT INTO payout_account (id, "merchantId", "bankName", last4, token, status, confirmations, "usableFrom", "setBy", "createdAt")
       VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9)`,
      [id, merchantId, mandate.bankName, account.last4, sealer.seal(mandate.mandateId, id), status, usableFrom, caller.personId, at],
    );
    if (status === 'ACTIVE') await payFrom(tx, merchantId, usableFrom);
    const told = await toldOfAccount(tx, merchantId, at);
    await emit(tx, caller, told.map(({ personId, formerOwner }) => ({
      type: 'payout-account.changed',
      data: {
        personId, merchantId, payoutAccountId: id, changedBy: caller.personId, bankName: mandate.bankName, last4: account.last4, usableFrom, formerOwner,
        occurredAt: at,
      },
    })));
  }

  /** Takes what an owner says the two small deposits were. The last wrong answer closes the account for good. */
  async confirm(
    caller: Caller, command: { merchantId: string; amounts: readonly Money[] },
  ): Promise<Outcome<{ payoutAccount: PayoutAccount }>> {
    const merchantId = uuidOf(command.merchantId);
    if (!merchantId) return refuse('NOT_FOUND', ['input', 'merchantId']);
    const denied = ownerDenial(await merchantPeople(this.parts.dataSource.manager, merchantId), caller);
    if (denied) return denied;
    const checked = checkDeposits(command.amounts);
    if (!checked.ok) return checked;
    const open = await this.takeTry(merchantId);
    if (!open) return this.closed(merchantId);
    const right = await this.deposits.look(open, checked.deposits);
    if (!right.ok) return right;
    await inTransaction(this.parts.dataSource, async (tx) => {
      await lockCursors(tx, merchantId);
      const [rows]: [{ usableFrom: Date }[], number] = await tx.query(
        `/* payoutAccounts.verify */ UPDATE payout_account SET status = 'ACTIVE' WHERE id = $1 AND status = 'PENDING_VERIFICATION'
         RETURNING "usableFrom"`,
        [open.id],
      );
      if (rows[0]) await payFrom(tx, merchantId, rows[0].usableFrom);
    });
    return this.closed(merchantId);
  }

  /** Counts a try before the bank is asked, so that of many at once no more than three are made. */
  private async takeTry(merchantId: string): Promise<Confirming | undefined> {
    const [rows]: [Confirming[], number] = await this.parts.dataSource.query(
      `/* payoutAccounts.try */ UPDATE payout_account SET confirmations = confirmations + 1
       WHERE "merchantId" = $1 AND status = 'PENDING_VERIFICATION' AND confirmations < $2 RETURNING id, token, confirmations`,
      [merchantId, CONFIRMATIONS_MAX],
    );
    return rows[0];
  }

  private async closed(merchantId: string): Promise<Outcome<{ payoutAccount: PayoutAccount }>> {
    const account = (await this.current([merchantId])).get(merchantId);
    if (!account) return refuse('NOT_ALLOWED', ['input', 'merchantId'], 'NO_PAYOUT_ACCOUNT');
    if (account.status === 'ACTIVE') return { ok: true, payoutAccount: account };
    return refuse('NOT_ALLOWED', ['input', 'merchantId'], 'NOT_VERIFIED');
  }
}
