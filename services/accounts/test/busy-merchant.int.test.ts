import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { accountsDataSource } from '../src/data-source';
import { merchantInflowId, systemAccountId } from '../src/ledger/account.ids';
import { foldOnce } from '../src/ledger/ledger.folder';
import { bookClaimed, bookPayments, type PaymentOrder } from '../src/payments/payment-batch.service';
import { type Bank, breaches, type Customer, openBank, usd, USD } from './support/bank';

// A4: a shop at which thousands pay at once has rows that all these payments share, and none of them waits for another there. What is paid is appended
// (`pending_delta`) and folded into the shop's account later; its name, fee plan and status are only read.

let bank: Bank;
/** Sessions of another process. */
let other: DataSource;
let merchantId: string;
beforeAll(async () => {
  bank = await openBank('busy-merchant');
  other = await accountsDataSource({ url: bank.url, poolSize: 4 }).initialize();
});
// The shop's first payment opens its account: those of that moment do wait for each other.
beforeEach(async () => {
  merchantId = await bank.merchant();
  expect(await pay(await bank.customer({ minor: 10_000n }))).toBe(true);
  await foldOnce(bank.dataSource);
});
afterEach(async () => {
  while (await foldOnce(bank.dataSource) > 0);
  expect(breaches(await bank.verify())).toEqual([]);
});
afterAll(async () => {
  await other.destroy();
  await bank.close();
});

function orderOf(payer: Customer, minor = 1_000n): PaymentOrder {
  const [transactionId, amount] = [uuidv7(), usd(minor)];
  const input = { walletId: payer.walletId, merchantId, minor: String(minor), currency: 'USD', description: null };
  return {
    transactionId, personId: payer.personId, operator: false, traceparent: '', walletId: payer.walletId, merchantId, amount, description: undefined, sealed: undefined,
    claim: { scope: payer.personId, key: uuidv7(), mutation: 'payMerchant', transactionId, input },
  };
}

async function pay(payer: Customer): Promise<boolean> {
  const [answer] = await bookPayments(bank.dataSource, [orderOf(payer)]);
  return answer!.ok;
}

/** The rows that all payments to the shop share, with the strongest lock under which others may still pay there. */
const SHARED: readonly (readonly [what: string, sql: string, lock: string])[] = [
  ['what accounts knows of the shop', 'SELECT 1 FROM merchant_copy WHERE "merchantId" = $1', 'FOR UPDATE'],
  // A posting refers to its account, so Postgres takes a KEY SHARE: that stands in the way of a new id or the row's removal, which never are, and of nobody who
  // moves or closes the account, as folding and settlements do.
  ['its accounts', 'SELECT 1 FROM account WHERE "ownerId" = $1', 'FOR NO KEY UPDATE'],
  ['the account of the fees', `SELECT 1 FROM account WHERE id = $1`, 'FOR NO KEY UPDATE'],
];
const idOf = (what: string): string => (what === 'the account of the fees' ? systemAccountId('FEES', USD) : merchantId);

describe('A4: a payment takes no lock that another payment to its shop, or who moves the shop’s money, would wait for', () => {
  it.each(SHARED)('where somebody holds %s it is paid meanwhile', async (what, sql, lock) => {
    const payer = await bank.customer({ minor: 10_000n });
    await inTransaction(other, async (tx) => {
      expect(await tx.query(`/* test.hold */ ${sql} ${lock}`, [idOf(what)])).not.toHaveLength(0);
      expect(await pay(payer)).toBe(true);
    });
    expect(await bank.balance(payer.walletId)).toBe(10_000n - 1_010n);
  });

  it('while it is not committed, each of these rows can be taken by others, and every other row that says whose shop it is', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    await inTransaction(bank.dataSource, async (tx) => {
      expect(await bookClaimed(tx, [orderOf(payer)])).toMatchObject([{ ok: true }]);
      await inTransaction(other, async (beside) => {
        for (const [what, sql, lock] of SHARED) {
          const all = await beside.query(`/* test.all */ ${sql}`, [idOf(what)]);
          expect([what, (await beside.query(`/* test.free */ ${sql} ${lock} SKIP LOCKED`, [idOf(what)])).length]).toEqual([what, all.length]);
        }
        const locked = await lockedOf(beside);
        expect(locked.tables).toContain('merchant_copy');
        expect(locked.rows).toEqual([]);
      });
    });
  });

  it('two payments to one shop are open beside each other, and a third is answered before either is committed', async () => {
    const [first, second, third] = await Promise.all([1, 2, 3].map(() => bank.customer({ minor: 10_000n }))) as [Customer, Customer, Customer];
    await inTransaction(bank.dataSource, async (tx) => {
      expect(await bookClaimed(tx, [orderOf(first)])).toMatchObject([{ ok: true }]);
      await inTransaction(other, async (beside) => {
        expect(await bookClaimed(beside, [orderOf(second)])).toMatchObject([{ ok: true }]);
        expect(await pay(third)).toBe(true);
        // And what was paid before is folded meanwhile.
        expect(await foldOnce(bank.dataSource)).toBeGreaterThan(0);
      });
    });
    while (await foldOnce(bank.dataSource) > 0);
    // Of these and of the one that opened the account.
    expect(await bank.balance(merchantInflowId(merchantId, USD))).toBe(4n * 1_000n);
  });
});

/** The tables whose rows say whose shop they are of, and what of the shop's rows cannot be taken. */
async function lockedOf(tx: Tx): Promise<{ tables: string[]; rows: string[] }> {
  const found: { table: string }[] = await tx.query(
    `/* test.tables */ SELECT c.table_name AS table FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE c.table_schema = 'public' AND c.column_name = 'merchantId' AND t.table_type = 'BASE TABLE' AND has_table_privilege(format('%I', c.table_name), 'UPDATE')`,
  );
  const tables = found.map(({ table }) => table);
  const rows: string[] = [];
  for (const table of tables) {
    const [{ n }] = await tx.query(`/* test.count */ SELECT count(*)::int AS n FROM "${table}" WHERE "merchantId" = $1`, [merchantId]);
    const free = await tx.query(`/* test.lock */ SELECT 1 FROM "${table}" WHERE "merchantId" = $1 FOR UPDATE SKIP LOCKED`, [merchantId]);
    if (free.length !== n) rows.push(`${n - free.length} of ${table}`);
  }
  return { tables, rows };
}
