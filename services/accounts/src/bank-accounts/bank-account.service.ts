import type { Money } from '@tael/money';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Bank, Mandate } from '../bank/bank.port';
import { emit } from '../events/emission';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { type PaymentMethod, VISIBLE } from '../payment-methods/payment-method.service';
import {
  type BankAccountCommand, type CheckedBankAccount, checkBankAccount, checkDeposits, CONFIRMATIONS_MAX,
} from './bank-account.domain';
import type { BankAccountFingerprints } from './bank-account-fingerprints';
import { type Confirming, DepositCheck } from './deposit-check.service';

interface BankAccountParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly bank: Bank;
  readonly fingerprints: BankAccountFingerprints;
  readonly now: () => Date;
}

interface Owner {
  readonly personId: string;
  readonly traceparent: string;
}

/** Bank accounts of people. The number goes to the bank, which gives a mandate for it, and is kept nowhere. */
export class BankAccountService {
  private readonly deposits: DepositCheck;

  constructor(private readonly parts: BankAccountParts) {
    this.deposits = new DepositCheck(parts, 'payment_method');
  }

  /** Stores a bank account; the same account again is the same payment method, as far verified as it was. */
  async add(owner: Owner, command: BankAccountCommand): Promise<Outcome<{ paymentMethod: PaymentMethod }>> {
    const checked = checkBankAccount(command);
    if (!checked.ok) return checked;
    const mandate = await this.parts.bank.openMandate(checked.account);
    if (mandate === null) return refuse('INVALID_INPUT', ['input', 'iban'], 'IBAN');
    return inTransaction(this.parts.dataSource, async (tx) => ({
      ok: true, paymentMethod: await this.store(tx, owner, checked.account, mandate),
    }));
  }

  private async store(tx: Tx, owner: Owner, account: CheckedBankAccount, mandate: Mandate): Promise<PaymentMethod> {
    const { fingerprints, sealer, now } = this.parts;
    const { personId } = owner;
    // Orders all who add payment methods for this person: the same account is one, whoever adds it in the same moment.
    await tx.query('/* bankAccounts.lockPerson */ SELECT 1 FROM person WHERE id = $1 FOR NO KEY UPDATE', [personId]);
    const known = await fingerprints.find(tx, personId, account);
    const id = known ?? uuidv7();
    const token = sealer.seal(mandate.mandateId, id);
    const status = mandate.verification === 'VERIFIED' ? 'ACTIVE' : 'PENDING_VERIFICATION';
    if (known) return this.again(tx, known, { token, status });
    const fingerprint = fingerprints.of(account, id);
    const at = now();
    const [added]: PaymentMethod[] = await tx.query(
      `/* bankAccounts.add */ INSERT INTO payment_method (id, "personId", kind, brand, last4, token, fingerprint, "fingerprintKey",
         "isDefault", status, "createdAt")
       VALUES ($1, $2, 'BANK_ACCOUNT', $3, $4, $5, $6, $7, false, $8, $9) RETURNING ${VISIBLE}`,
      [id, personId, mandate.bankName, account.last4, token, fingerprint.mac, fingerprint.key, status, at],
    );
    await emit(tx, owner, [{
      type: 'bank-account.added',
      data: { personId, paymentMethodId: id, bankName: mandate.bankName, last4: account.last4, occurredAt: at },
    }]);
    return added!;
  }

  /** Only an account that still waits changes: it is verified where the bank says so of itself. */
  private async again(tx: Tx, id: string, { token, status }: { token: string; status: string }): Promise<PaymentMethod> {
    if (status === 'ACTIVE') {
      await tx.query(
        `/* bankAccounts.renew */ UPDATE payment_method SET token = $2, status = 'ACTIVE'
         WHERE id = $1 AND status = 'PENDING_VERIFICATION'`,
        [id, token],
      );
    }
    const [method]: PaymentMethod[] = await tx.query(`/* bankAccounts.read */ SELECT ${VISIBLE} FROM payment_method WHERE id = $1`, [id]);
    return method!;
  }

  /** Takes what somebody says the two small deposits were. The last wrong answer closes the account for good. */
  async confirm(
    { personId }: Owner, command: { paymentMethodId: string; amounts: readonly Money[] },
  ): Promise<Outcome<{ paymentMethod: PaymentMethod }>> {
    const id = uuidOf(command.paymentMethodId);
    if (!id) return refuse('NOT_FOUND', ['input', 'paymentMethodId']);
    const checked = checkDeposits(command.amounts);
    if (!checked.ok) return checked;
    const open = await this.takeTry(id, personId);
    if (!open) return this.closed(id, personId);
    const right = await this.deposits.look(open, checked.deposits);
    if (!right.ok) return right;
    const [rows]: [PaymentMethod[], number] = await this.parts.dataSource.query(
      `/* bankAccounts.verify */ UPDATE payment_method SET status = 'ACTIVE' WHERE id = $1 AND status = 'PENDING_VERIFICATION'
       RETURNING ${VISIBLE}`,
      [id],
    );
    return rows[0] ? { ok: true, paymentMethod: rows[0] } : this.closed(id, personId);
  }

  /** Counts a try before the bank is asked, so that of many at once no more than three are made. */
  private async takeTry(id: string, personId: string): Promise<Confirming | undefined> {
    const [rows]: [Confirming[], number] = await this.parts.dataSource.query(
      `/* bankAccounts.try */ UPDATE payment_method SET confirmations = confirmations + 1
       WHERE id = $1 AND "personId" = $2 AND status = 'PENDING_VERIFICATION' AND confirmations < $3
       RETURNING id, token, confirmations`,
      [id, personId, CONFIRMATIONS_MAX],
    );
    return rows[0];
  }

  private async closed(id: string, personId: string): Promise<Outcome<{ paymentMethod: PaymentMethod }>> {
    const [method]: PaymentMethod[] = await this.parts.dataSource.query(
      `/* bankAccounts.own */ SELECT ${VISIBLE} FROM payment_method WHERE id = $1 AND "personId" = $2 AND kind = 'BANK_ACCOUNT'`,
      [id, personId],
    );
    if (!method) return refuse('NOT_FOUND', ['input', 'paymentMethodId']);
    if (method.status === 'ACTIVE') return { ok: true, paymentMethod: method };
    return refuse('NOT_ALLOWED', ['input', 'paymentMethodId'], 'NOT_VERIFIED');
  }
}
