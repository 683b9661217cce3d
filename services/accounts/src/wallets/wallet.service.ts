import { type CurrencyCode, isCurrencyCode } from '@tael/money';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';
import { type Balance, openWalletAccount, readBalances } from '../ledger/ledger.service';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { WalletEntity } from './wallet.entity';

/** Whose wallet in which currency, and the trace that opens it. */
export interface WalletOrder {
  readonly personId: string;
  readonly currency: CurrencyCode;
  readonly now: Date;
  readonly traceparent?: string | undefined;
}

/**
 * Opens a person's wallet in a currency, with its account in the books and its event, in the transaction of the caller.
 * `opened` is false where there was one; then that one's id is given. Of two at once one opens, the other waits.
 */
export async function openWalletIn(tx: Tx, order: WalletOrder): Promise<{ walletId: string; opened: boolean }> {
  const { personId, currency, now, traceparent } = order;
  // The person's row orders all who open wallets for them; the unique constraint is the last fence behind it.
  await tx.query('/* wallets.lockPerson */ SELECT 1 FROM person WHERE id = $1 FOR NO KEY UPDATE', [personId]);
  const [present]: { id: string }[] = await tx.query(
    '/* wallets.present */ SELECT id FROM wallet WHERE "personId" = $1 AND currency = $2',
    [personId, currency],
  );
  if (present) return { walletId: present.id, opened: false };
  const walletId = uuidv7();
  await openWalletAccount(tx, { walletId, personId, currency });
  await tx.query(
    '/* wallets.open */ INSERT INTO wallet (id, "personId", currency, "openedAt") VALUES ($1, $2, $3, $4)',
    [walletId, personId, currency, now],
  );
  await emit(tx, { traceparent }, [{ type: 'wallet.opened', data: { personId, walletId, currency, occurredAt: now } }]);
  return { walletId, opened: true };
}

/** People's wallets. Balances are the ledger's: see `readBalances`. */
export class WalletService {
  constructor(private readonly parts: { dataSource: DataSource; now: () => Date }) {}

  async open(order: {
    personId: string;
    currency: string;
    traceparent?: string | undefined;
  }): Promise<Outcome<{ walletId: string }>> {
    const { personId, currency, traceparent } = order;
    const field = ['input', 'currency'];
    if (!isCurrencyCode(currency)) return refuse('INVALID_INPUT', field, 'UNKNOWN_CURRENCY');
    const { walletId, opened } = await inTransaction(this.parts.dataSource, (tx) =>
      openWalletIn(tx, { personId, currency, now: this.parts.now(), traceparent }),
    );
    return opened ? { ok: true, walletId } : refuse('ALREADY_EXISTS', field);
  }

  /** Gives the wallets of people, oldest first. */
  ofPeople(personIds: readonly string[]): Promise<WalletEntity[]> {
    return this.parts.dataSource.query(
      `/* wallets.ofPeople */ SELECT id, "personId", currency, "openedAt" FROM wallet
       WHERE "personId" = ANY ($1::uuid[]) ORDER BY id`,
      [personIds],
    );
  }

  /** Gives what the books say of wallets, by id. */
  balances(walletIds: readonly string[]): Promise<Map<string, Balance>> {
    return readBalances(this.parts.dataSource.manager, walletIds);
  }
}
