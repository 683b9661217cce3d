import type { Tx } from '@tael/platform/postgres';
import { type Fingerprint, fingerprintOf, isFingerprintOf, type Sealer } from '@tael/platform/seal';
import type { CheckedBankAccount } from './bank-account.domain';

/** Knows a bank account again whose number is kept nowhere, as cards are: the keys of both come under the same ring. */
export class BankAccountFingerprints {
  constructor(private readonly sealer: Sealer) {}

  of(account: CheckedBankAccount, paymentMethodId: string): Fingerprint {
    return fingerprintOf(this.sealer, textOf(account), paymentMethodId);
  }

  /** Gives the payment method of a person's that is this account. Only who holds the person's lock knows that there is none. */
  async find(tx: Pick<Tx, 'query'>, personId: string, account: CheckedBankAccount): Promise<string | undefined> {
    const rows: { id: string; mac: Buffer; key: string }[] = await tx.query(
      `/* bankAccounts.known */ SELECT id, fingerprint AS mac, "fingerprintKey" AS key FROM payment_method
       WHERE "personId" = $1 AND last4 = $2 AND kind = 'BANK_ACCOUNT'`,
      [personId, account.last4],
    );
    return rows.find(({ id, ...fingerprint }) => isFingerprintOf(this.sealer, fingerprint, textOf(account), id))?.id;
  }
}

const textOf = ({ iban }: CheckedBankAccount): string => `tael/iban/${iban}`;
