import { randomBytes } from 'node:crypto';
import { type EventData, type EventType, fromMessage, type TaelEvent } from '@tael/events';
import { type CurrencyCode, currencyCode, type Money } from '@tael/money';
import { inTransaction, migrate } from '@tael/platform/postgres';
import { createSealer, type Sealer } from '@tael/platform/seal';
import { testDatabase } from '@tael/testkit';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { accountsDataSource } from '../../src/data-source';
import { accountsHandlers } from '../../src/events/accounts.consumer';
import { systemAccountId } from '../../src/ledger/account.ids';
import { post, readBalances } from '../../src/ledger/ledger.service';
import { type BooksReport, verifyBooks } from '../../src/ledger/verification.service';
import { createPaymentServices, type PaymentServices } from '../../src/payments/payment.parts';
import { emailIndex } from '../../src/people/person.service';
import type { Caller } from '../../src/transactions/transaction.domain';
import { openWalletIn } from '../../src/wallets/wallet.service';

export const SEAL_KEYS: [{ id: string; key: Buffer }] = [{ id: 'test', key: Buffer.alloc(32, 3) }];
/** The bound of a bank of tests: small, so that a test meets it. */
export const FAILED_RECIPIENTS_PER_HOUR = 5;
export const USD = currencyCode('USD');

export interface Customer extends Caller {
  readonly email: string;
  readonly walletId: string;
}

/** A bank of a test file's own: a real database, the real services, and people and merchants as the tests need them. */
export interface Bank {
  readonly url: string;
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly services: PaymentServices;
  customer(options?: { minor?: bigint; currency?: string; name?: string; operator?: boolean }): Promise<Customer>;
  wallet(personId: string, currency: string, minor: bigint): Promise<string>;
  merchant(options?: Partial<EventData<'merchant.changed'>>): Promise<string>;
  offer(options?: Partial<EventData<'fee-waiver.offered'>>): Promise<string>;
  /** Works off an event as the consumer does: one transaction. */
  receive<Type extends EventType>(type: Type, data: EventData<Type>): Promise<void>;
  balance(accountId: string): Promise<bigint>;
  events<Type extends EventType>(type: Type): Promise<TaelEvent<Type>[]>;
  verify(): Promise<BooksReport>;
  /** Runs statements as the role that owns the tables, which the service is not. */
  asOwner(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export function usd(minor: bigint): Money {
  return { minor, currency: USD };
}

export async function openBank(name: string): Promise<Bank> {
  const database = await testDatabase({
    name, templateKey: 'accounts', prepare: async (url) => {
      const dataSource = await accountsDataSource({ url, poolSize: 2 }).initialize();
      await migrate(dataSource);
      await dataSource.destroy();
    },
  });
  const dataSource = await accountsDataSource({ url: database.url, poolSize: 20 }).initialize();
  const sealer = createSealer(SEAL_KEYS);
  const services = createPaymentServices({ dataSource, sealer, now: () => new Date(), settings: { FAILED_RECIPIENTS_PER_HOUR } } as never);

  async function wallet(personId: string, code: string, minor: bigint): Promise<string> {
    const currency: CurrencyCode = currencyCode(code);
    return inTransaction(dataSource, async (tx) => {
      const { walletId } = await openWalletIn(tx, { personId, currency, now: new Date() });
      if (minor > 0n) await fund(tx, { personId, walletId, currency, minor });
      return walletId;
    });
  }

  async function fund(tx: Parameters<typeof post>[0], f: { personId: string; walletId: string; currency: CurrencyCode; minor: bigint }) {
    const id = uuidv7();
    const methodId = uuidv7();
    await tx.query(
      `INSERT INTO payment_method (id, "personId", kind, brand, last4, "expiryMonth", "expiryYear", token, fingerprint, "isDefault",
         "createdAt")
       VALUES ($1, $2, 'CARD', 'Visa', '4242', 12, 2040, $3, $4, false, now())`,
      [methodId, f.personId, sealer.seal('token', methodId), randomBytes(32)],
    );
    await tx.query(
      `INSERT INTO top_up (id, "personId", "walletId", "paymentMethodId", currency, amount, last4, status, "chargeId", attempts,
         "leaseUntil", "createdAt", "endedAt") VALUES ($1, $2, $3, $4, $5, $6, '4242', 'SETTLED', $7, 1, now(), now(), now())`,
      [id, f.personId, f.walletId, methodId, f.currency, String(f.minor), uuidv7()],
    );
    await post(tx, {
      id, kind: 'TOP_UP', currency: f.currency, amount: f.minor, personId: f.personId, walletId: f.walletId,
      legs: [{ debit: systemAccountId('CARD_CLEARING', f.currency), credit: f.walletId, amount: f.minor }],
    });
  }

  async function receive<Type extends EventType>(type: Type, data: EventData<Type>): Promise<void> {
    const handler = accountsHandlers[type];
    if (!handler) throw new Error(`accounts does not listen to ${type}`);
    const event = { id: uuidv7(), type, source: 'test', time: new Date(), traceparent: undefined, data };
    await inTransaction(dataSource, (tx) => handler(tx, event as never));
  }

  return {
    url: database.url, dataSource, sealer, services, wallet, receive,
    async customer({ minor = 0n, currency = 'USD', name: displayName = 'Ada', operator = false } = {}) {
      const personId = uuidv7();
      const email = `${personId}@example.com`;
      await dataSource.query(
        `INSERT INTO person (id, "emailIndex", email, "displayName", locale, "timeZone", "referralCode", roles, "createdAt")
         VALUES ($1, $2, $3, $4, 'en', 'UTC', $5, '{CUSTOMER}', now())`,
        [personId, emailIndex(sealer, email), sealer.seal(email, personId), sealer.seal(displayName, personId), personId],
      );
      return { personId, email, operator, traceparent: '', walletId: await wallet(personId, currency, minor) };
    },
    async merchant(options = {}) {
      const merchantId = options.merchantId ?? uuidv7();
      await receive('merchant.changed', {
        version: 1, name: sealer.seal('Shop', merchantId), categoryCode: '5812', currency: USD, status: 'ACTIVE', people: [], roles: [],
        feePlan: { id: 'standard', basisPoints: 150 }, verified: false, occurredAt: new Date(), ...options, merchantId,
      });
      return merchantId;
    },
    async offer(options = {}) {
      const campaignId = options.campaignId ?? uuidv7();
      await receive('fee-waiver.offered', {
        version: 1, currency: USD, budget: 1_000_000n, activeTimes: [{ from: new Date(0), to: null }], startsAt: null, endsAt: null,
        minimumAmount: null, merchantIds: null, merchantCategoryCodes: null, firstPaymentOnly: false, maximumRewardsPerUser: null,
        maximumPerPayment: null, occurredAt: new Date(), ...options, campaignId,
      });
      return campaignId;
    },
    async balance(accountId) {
      return (await readBalances(dataSource.manager, [accountId])).get(accountId)!.posted;
    },
    async events(type) {
      const rows = await dataSource.query(
        `SELECT topic, key, headers, value FROM outbox WHERE headers->>'ce_type' = $1 ORDER BY id`, [type],
      );
      return rows.map((row: never) => fromMessage(row)) as never;
    },
    verify: () => verifyBooks(dataSource),
    asOwner: (sql, values) => database.asOwner(sql, values),
    async close() {
      await dataSource.destroy();
      await database.drop();
    },
  };
}

/** What a report says is wrong: nothing where the books are sound. */
export function breaches(report: BooksReport): string[] {
  return report.checks.flatMap((check) => check.examples.map((example) => `${check.name}: ${example}`));
}
