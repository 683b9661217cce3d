import { createHash } from 'node:crypto';
import type { CurrencyCode } from '@tael/money';
import type { ConsentScope } from '@tael/platform/identity';
import { pairwiseNames, pairwiseSubject } from '@tael/platform/pairwise';
import type { DataSource } from 'typeorm';
import { type ConsentHolder, type Customer, uuidOfDigest } from './customer.domain';
import { CUSTOMER, CUSTOMER_ENTRIES, CUSTOMER_WALLETS } from './customer.sql';

/** A wallet as a bank sees it. `id` and `reference` are what the bank is shown, `walletId` what it never is. */
export interface CustomerWallet {
  readonly id: string;
  /** What it is called where the bank's own subgraph is asked about it; undefined where the platform asks none. */
  readonly reference: string | undefined;
  readonly walletId: string;
  readonly currency: CurrencyCode;
  readonly posted: bigint;
  readonly available: bigint;
}

export interface CustomerEntry {
  readonly id: string;
  readonly version: bigint;
  readonly kind: string;
  readonly amount: bigint;
  readonly balanceAfter: bigint;
  readonly bookedAt: Date;
}

/** After every entry that there is. */
const LAST = 2n ** 62n;

/** Shows a bank what a person lets it see. */
export class CustomerService {
  constructor(private readonly parts: { dataSource: DataSource; now: () => Date; subjectKey: Buffer | undefined }) {}

  /** Gives the person behind a consent; undefined where it does not stand any more. */
  async find(holder: ConsentHolder, scope: ConsentScope): Promise<Customer | undefined> {
    const [row]: { subject: string; personId: string; scopes: string[]; expiresAt: Date }[] = await this.parts.dataSource.query(CUSTOMER, this.standing(holder, scope));
    if (!row) return undefined;
    const { subjectKey } = this.parts;
    const subject = subjectKey && pairwiseSubject(subjectKey, holder.partnerId, row.personId);
    return { id: row.subject, subject, scopes: row.scopes, expiresAt: row.expiresAt };
  }

  async wallets(holder: ConsentHolder): Promise<CustomerWallet[]> {
    const rows: (Omit<CustomerWallet, 'walletId' | 'reference'> & { subject: string })[] = await this.parts.dataSource.query(
      CUSTOMER_WALLETS, this.standing(holder, 'wallets:read'),
    );
    const referenceOf = this.references(holder);
    return rows.map(({ subject, ...row }) => ({ ...row, walletId: row.id, id: nameFor(subject, row.id), reference: referenceOf(row.id) }));
  }

  /** Gives a page of a wallet's entries, newest first, and one more where there is a next page. */
  async entries(
    holder: ConsentHolder, walletId: string, { limit, before = LAST }: { limit: number; before?: bigint | undefined },
  ): Promise<CustomerEntry[]> {
    const rows: (Omit<CustomerEntry, 'id'> & { transactionId: string; subject: string })[] = await this.parts.dataSource.query(
      CUSTOMER_ENTRIES, [...this.standing(holder, 'transactions:read'), walletId, before.toString(), limit + 1],
    );
    return rows.map(({ transactionId, subject, ...row }) => ({ ...row, id: nameFor(subject, `${transactionId}/${walletId}`) }));
  }

  /**
   * The names of wallets where the bank's subgraph is asked: the gateway gives them by the same key. Bookings have none here: both sides of a transfer have one, and would be
   * led to each other by it.
   */
  private references({ partnerId }: ConsentHolder): (id: string) => string | undefined {
    const { subjectKey } = this.parts;
    return subjectKey ? pairwiseNames(subjectKey, { partnerId, kind: 'Wallet' }) : () => undefined;
  }

  private standing({ consentId, partnerId }: ConsentHolder, scope: ConsentScope): unknown[] {
    return [consentId, partnerId, scope, this.parts.now()];
  }
}

/** Our id under a name for this bank alone: two banks that share a customer cannot tell by comparing. */
function nameFor(subject: string, id: string): string {
  return uuidOfDigest(createHash('sha256').update(`tael/customer/${subject}/${id}`).digest());
}
