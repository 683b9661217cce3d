import type { Money } from '@tael/money';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Bank, Mandate } from '../bank/bank.port';
import { emit } from '../events/emission';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { linkOwnersOf, noteSameAccounts } from '../person-links/person-link.service';
import { lockEnding } from '../person-links/same-methods';
import { type PaymentMethod, VISIBLE } from '../payment-methods/payment-method.service';
import type { AttemptLimit, AttemptService } from '../sessions/attempt.service';
import {
  type BankAccountCommand, type CheckedBankAccount, checkBankAccount, checkDeposits, CONFIRMATIONS_MAX, MANDATES_A_DAY, mayAdd,
} from './bank-account.domain';
import type { BankAccountFingerprints } from './bank-account-fingerprints';
import { type Confirming, DepositCheck } from './deposit-check.service';

const DAY_MS = 86_400_000;
const ASKED: AttemptLimit = { kind: 'BANK_ACCOUNT', attemptsMax: MANDATES_A_DAY, windowSeconds: 86_400 };

interface BankAccountParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly bank: Bank;
  readonly fingerprints: BankAccountFingerprints;
  readonly attempts: AttemptService;
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

  /** Stores a bank account; the same account again is the same payment method as it stands, and the bank is not asked again. */
  async add(owner: Owner, command: BankAccountCommand): Promise<Outcome<{ paymentMethod: PaymentMethod }>> {
    const checked = checkBankAccount(command);
    if (!checked.ok) return checked;
    const { account } = checked;
    const { dataSource, fingerprints, bank, attempts } = this.parts;
    const { personId } = owner;
    const known = await fingerprints.find(dataSource.manager, personId, account);
    if (known) return { ok: true, paymentMethod: await this.read(dataSource.manager, known) };
    const may = await this.mayAdd(dataSource.manager, personId);
    if (!may.ok) return may;
    if (!(await attempts.take(ASKED, personId))) return refuse('LIMIT_EXCEEDED', ['input', 'iban'], 'BANK_ACCOUNTS_A_DAY');
    const mandate = await bank.openMandate(account, this.keyOf(personId, account));
    if (mandate === null) return refuse('INVALID_INPUT', ['input', 'iban'], 'IBAN');
    return inTransaction(dataSource, (tx) => this.store(tx, owner, account, mandate));
  }

  /** One mandate a person and account, also where the answer to the first wish was lost: two would be four deposits, and two of them wrong. */
  private keyOf(personId: string, { iban }: CheckedBankAccount): string {
    return this.parts.sealer.blindIndex(JSON.stringify([personId, iban]), 'bank-mandate');
  }

  private async mayAdd(manager: Pick<Tx, 'query'>, personId: string): Promise<Outcome<object>> {
    const since = new Date(this.parts.now().getTime() - DAY_MS);
    const [counted]: { ofDay: number; waiting: number }[] = await manager.query(
      `/* bankAccounts.count */ SELECT count(*) FILTER (WHERE "createdAt" > $2)::int AS "ofDay",
         count(*) FILTER (WHERE status = 'PENDING_VERIFICATION')::int AS waiting
       FROM payment_method WHERE "personId" = $1 AND kind = 'BANK_ACCOUNT'`,
      [personId, since],
    );
    return mayAdd(counted!);
  }

  private async store(tx: Tx, owner: Owner, account: CheckedBankAccount, mandate: Mandate): Promise<Outcome<{ paymentMethod: PaymentMethod }>> {
    const { fingerprints, sealer, now } = this.parts;
    const { personId } = owner;
    // Orders all who add payment methods for this person: the same account is one, whoever adds it in the same moment.
    await tx.query('/* bankAccounts.lockPerson */ SELECT 1 FROM person WHERE id = $1 FOR NO KEY UPDATE', [personId]);
    const known = await fingerprints.find(tx, personId, account);
    if (known) return { ok: true, paymentMethod: await this.read(tx, known) };
    // Asked before the bank was, and once more: of many that came at once no more than the bound are stored.
    const may = await this.mayAdd(tx, personId);
    if (!may.ok) return may;
    await lockEnding(tx, { kind: 'BANK_ACCOUNT', last4: account.last4 });
    const same = await fingerprints.others(tx, personId, account);
    const id = uuidv7();
    const fingerprint = fingerprints.of(account, id);
    const status = mandate.verification === 'VERIFIED' ? 'ACTIVE' : 'PENDING_VERIFICATION';
    const at = now();
    const [added]: PaymentMethod[] = await tx.query(
      `/* bankAccounts.add */ INSERT INTO payment_method (id, "personId", kind, brand, last4, token, fingerprint, "fingerprintKey",
         "isDefault", status, "createdAt")
       VALUES ($1, $2, 'BANK_ACCOUNT', $3, $4, $5, $6, $7, false, $8, $9) RETURNING ${VISIBLE}`,
      [id, personId, mandate.bankName, account.last4, sealer.seal(mandate.mandateId, id), fingerprint.mac, fingerprint.key, status, at],
    );
    await noteSameAccounts(tx, id, same);
    if (status === 'ACTIVE') await linkOwnersOf(tx, owner, id, at);
    await emit(tx, owner, [{
      type: 'bank-account.added',
      data: { personId, paymentMethodId: id, bankName: mandate.bankName, last4: account.last4, occurredAt: at },
    }]);
    return { ok: true, paymentMethod: added! };
  }

  private async read(manager: Pick<Tx, 'query'>, id: string): Promise<PaymentMethod> {
    const [method]: PaymentMethod[] = await manager.query(`/* bankAccounts.read */ SELECT ${VISIBLE} FROM payment_method WHERE id = $1`, [id]);
    return method!;
  }

  /** Takes what somebody says the two small deposits were. The last wrong answer closes the account for good. */
  async confirm(
    owner: Owner, command: { paymentMethodId: string; amounts: readonly Money[] },
  ): Promise<Outcome<{ paymentMethod: PaymentMethod }>> {
    const { personId } = owner;
    const id = uuidOf(command.paymentMethodId);
    if (!id) return refuse('NOT_FOUND', ['input', 'paymentMethodId']);
    const checked = checkDeposits(command.amounts);
    if (!checked.ok) return checked;
    const open = await this.takeTry(id, personId);
    if (!open) return this.closed(id, personId);
    const right = await this.deposits.look(open, checked.deposits);
    if (!right.ok) return right;
    const verified = await inTransaction(this.parts.dataSource, (tx) => this.verify(tx, owner, id));
    return verified ? { ok: true, paymentMethod: verified } : this.closed(id, personId);
  }

  private async verify(tx: Tx, owner: Owner, id: string): Promise<PaymentMethod | undefined> {
    const [method]: { last4: string }[] = await tx.query('/* bankAccounts.ending */ SELECT last4 FROM payment_method WHERE id = $1', [id]);
    // Of two who prove the same account at once the later one sees the earlier.
    await lockEnding(tx, { kind: 'BANK_ACCOUNT', last4: method!.last4 });
    const [[verified]]: [PaymentMethod[], number] = await tx.query(
      `/* bankAccounts.verify */ UPDATE payment_method SET status = 'ACTIVE' WHERE id = $1 AND status = 'PENDING_VERIFICATION'
       RETURNING ${VISIBLE}`,
      [id],
    );
    if (verified) await linkOwnersOf(tx, owner, id, this.parts.now());
    return verified;
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
