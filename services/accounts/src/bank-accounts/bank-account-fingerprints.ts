import type { Tx } from '@tael/platform/postgres';
import { type Fingerprint, fingerprintOf, isFingerprintOf, type Sealer } from '@tael/platform/seal';
import type { SameMethod } from '../person-links/person-link.domain';
import { opens, sameMethods } from '../person-links/same-methods';
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

  /** Gives who else has this account, proved or not yet, those who had it first. Who asks holds the lock of its ending. */
  others(tx: Tx, personId: string, account: CheckedBankAccount): Promise<SameMethod[]> {
    return sameMethods(tx, { personId, kind: 'BANK_ACCOUNT', last4: account.last4 }, ({ id, fingerprint: mac, fingerprintKey: key }) =>
      key !== null && opens(() => isFingerprintOf(this.sealer, { mac, key }, textOf(account), id)));
  }
}

const textOf = ({ iban }: CheckedBankAccount): string => `tael/iban/${iban}`;
