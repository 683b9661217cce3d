import { createLogger } from '@tael/platform/log';
import { inTransaction, onCommit, queryAndCommit } from '@tael/platform/postgres';
import { eventually } from '@tael/testkit';
import { v7 as uuidv7 } from 'uuid';
import { merchantInflowId, systemAccountId } from '../src/ledger/account.ids';
import { foldOnce, startFolder } from '../src/ledger/ledger.folder';
import { batchCall, batchValues, expectCall, expectValues, post } from '../src/ledger/ledger.service';
import { type Bank, breaches, type Customer, openBank, usd, USD } from './support/bank';

// The books themselves: their fences hold against wrong code too, and a check finds what somebody broke.
describe('ledger', () => {
  let bank: Bank;

  beforeAll(async () => {
    bank = await openBank('ledger');
  });
  afterAll(async () => {
    await bank.close();
  });

  describe('fences', () => {
    const transfer = (from: Customer, to: Customer, minor: bigint, id = uuidv7()) => inTransaction(bank.dataSource, (tx) => post(tx, {
      id, kind: 'TRANSFER', currency: USD, amount: minor, personId: from.personId, walletId: from.walletId,
      counterpartyId: to.personId, counterWalletId: to.walletId, legs: [{ debit: from.walletId, credit: to.walletId, amount: minor }],
    }));

    it('lets no posting overdraw a wallet, whatever was decided', async () => {
      const [from, to] = [await bank.customer({ minor: 100n }), await bank.customer()];
      await expect(transfer(from, to, 101n)).rejects.toMatchObject({ constraint: 'account_min_available' });
      await transfer(from, to, 100n);
      expect([await bank.balance(from.walletId), await bank.balance(to.walletId)]).toEqual([0n, 100n]);
    });

    it('lets no posting of another currency, of nothing, to oneself or to nowhere through', async () => {
      const [from, to] = [await bank.customer({ minor: 100n }), await bank.customer()];
      const euro = await bank.wallet(to.personId, 'EUR', 0n);
      await expect(transfer(from, { ...to, walletId: euro }, 10n)).rejects.toMatchObject({ constraint: 'posting_credit' });
      await expect(transfer(from, to, 0n)).rejects.toMatchObject({ constraint: 'ledger_tx_amounts' });
      await expect(transfer(from, { ...to, walletId: from.walletId }, 10n)).rejects.toMatchObject({ constraint: 'posting_two_accounts' });
      await expect(transfer(from, { ...to, walletId: uuidv7() }, 10n)).rejects.toMatchObject({ constraint: 'posting_credit' });
      expect(await bank.balance(from.walletId)).toBe(100n);
    });

    it.each([
      ['another balance', (from: Customer, to: Customer) => [[from.walletId, 70n], [to.walletId, 31n]]],
      ['a balance of another wallet', (from: Customer, to: Customer) => [[from.walletId, 30n], [to.walletId, 70n]]],
      ['a wallet that was not moved', (from: Customer) => [[from.walletId, 70n], [uuidv7(), 0n]]],
    ] as const)('commits no batch that was expected to leave %s', async (_what, expected) => {
      const [from, to] = [await bank.customer({ minor: 100n }), await bank.customer()];
      const book = (balances: readonly (readonly [string, bigint])[]) => inTransaction(bank.dataSource, async (tx) => {
        const [{ now }] = await tx.query('SELECT to_json(clock_timestamp()) AS now');
        return queryAndCommit(tx, `/* test.book */ SELECT ${expectCall(7)} FROM ${batchCall(1)} p`, [
          ...batchValues(now, [{
            id: uuidv7(), kind: 'TRANSFER', currency: USD, amount: 30n, personId: from.personId, walletId: from.walletId,
            counterpartyId: to.personId, counterWalletId: to.walletId, legs: [{ debit: from.walletId, credit: to.walletId, amount: 30n }],
          }]),
          ...expectValues(balances),
        ] as [unknown, ...unknown[]]);
      });
      await expect(book(expected(from, to) as never)).rejects.toMatchObject({ message: expect.stringMatching(/was posted on another balance/) });
      expect([await bank.balance(from.walletId), await bank.balance(to.walletId)]).toEqual([100n, 0n]);
      await book([[from.walletId, 70n], [to.walletId, 30n]]);
      expect([await bank.balance(from.walletId), await bank.balance(to.walletId)]).toEqual([70n, 30n]);
    });

    it('expects nothing in vain: where no wallet was moved, none is as expected', async () => {
      const expectNone = (accounts: string) => bank.dataSource.query(
        `SELECT ledger_expect('{${accounts}}', '{${accounts && '0'}}', NULL, NULL)`,
      );
      await expectNone('');
      await expect(expectNone(uuidv7())).rejects.toThrow(/was posted on another balance/);
    });

    it('books no transaction and no name from outside twice', async () => {
      const [from, to] = [await bank.customer({ minor: 100n }), await bank.customer()];
      const id = uuidv7();
      await transfer(from, to, 10n, id);
      await expect(transfer(from, to, 10n, id)).rejects.toMatchObject({ constraint: 'ledger_tx_pkey' });
      const grant = () => inTransaction(bank.dataSource, (tx) => post(tx, {
        id: uuidv7(), kind: 'CASHBACK', currency: USD, amount: 5n, personId: to.personId, walletId: to.walletId, externalRef: `grant:${id}`,
        legs: [{ debit: systemAccountId('REWARD_FUNDING', USD), credit: to.walletId, amount: 5n }],
      }));
      const tries = await Promise.allSettled([grant(), grant(), grant()]);
      expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      expect(await bank.balance(to.walletId)).toBe(15n);
      // Booked past rewards on purpose: the check of grants must notice it, the rest must stay sound.
      const found = (await bank.verify()).checks.filter((check) => check.breaches > 0n).map((check) => check.name);
      expect(found).toEqual(['every posted grant stands in the books, and no reward without one']);
    });

    it.each(['ledger_tx', 'posting', 'entry', 'fee_schedule'])('refuses every change to %s', async (table) => {
      await bank.customer({ minor: 100n });
      for (const change of [`UPDATE ${table} SET amount = amount`, `DELETE FROM ${table}`, `TRUNCATE ${table} CASCADE`]) {
        const sql = table === 'fee_schedule' ? change.replace('amount = amount', 'minimum = minimum') : change;
        await expect(bank.asOwner(sql)).rejects.toThrow('append-only');
      }
    });

    it('takes a fee schedule only with notice, and quotes until it begins', async () => {
      const [payer, merchantId] = [await bank.customer({ minor: 100_000n, currency: 'CHF' }), await bank.merchant()];
      const enter = (seconds: number) => bank.asOwner(
        `INSERT INTO fee_schedule (kind, currency, "effectiveFrom", "rateBasisPoints", minimum, maximum)
         VALUES ('PAYMENT', 'CHF', clock_timestamp() + make_interval(secs => $1), 200, 20, 900)`, [seconds],
      );
      await expect(enter(299)).rejects.toMatchObject({ constraint: 'fee_schedule_notice' });
      await enter(301);
      const chf = { minor: 5_000n, currency: 'CHF' as never };
      const quoted = await bank.services.quotes.quote(payer, { walletId: payer.walletId, merchantId, amount: chf });
      expect(quoted).toMatchObject({ ok: true, quote: { fee: 50n } });
      const [{ begins }] = await bank.dataSource.query(`SELECT max("effectiveFrom") AS begins FROM fee_schedule WHERE currency = 'CHF'`);
      expect(quoted.ok && quoted.quote.validUntil.getTime()).toBeLessThanOrEqual(begins.getTime());
    });
  });

  it('folds in the background, and commits nothing where nothing waits: each commit would wake the relay', async () => {
    const payer = await bank.customer({ minor: 10_000n });
    const merchantId = await bank.merchant();
    while ((await foldOnce(bank.dataSource)) > 0);
    let commits = 0;
    const unsubscribe = onCommit(bank.dataSource, () => (commits += 1));
    const folder = startFolder(bank.dataSource, createLogger({ service: 'test', level: 'silent' }));
    for (const key of ['quiet-1', 'quiet-2']) {
      const paid = await bank.services.payments.pay(payer, {
        walletId: payer.walletId, merchantId, amount: usd(100n), description: undefined, idempotencyKey: key,
      });
      expect(paid.ok).toBe(true);
      await eventually(async () => expect((await bank.verify()).unfolded).toBe(0n));
    }
    await folder.stop();
    unsubscribe();
    expect(commits).toBe(4);
  });

  it('folds deferred accounts: the balance is the same before and after, every delta has its entry', async () => {
    const merchantId = await bank.merchant();
    const payer = await bank.customer({ minor: 1_000_000n });
    for (let i = 1n; i <= 12n; i++) {
      await bank.services.payments.pay(payer, {
        walletId: payer.walletId, merchantId, amount: usd(i * 100n), description: undefined, idempotencyKey: `fold-${i}`,
      });
    }
    const inflow = merchantInflowId(merchantId, USD);
    expect(await bank.balance(inflow)).toBe(7_800n);
    const folded = await Promise.all([foldOnce(bank.dataSource), foldOnce(bank.dataSource), foldOnce(bank.dataSource)]);
    expect(folded.reduce((sum, rows) => sum + rows, 0)).toBeGreaterThanOrEqual(24);
    while ((await foldOnce(bank.dataSource)) > 0);
    expect(await bank.balance(inflow)).toBe(7_800n);
    const lines = await bank.dataSource.query(
      'SELECT "accountVersion", "postedAfter" FROM entry WHERE "accountId" = $1 ORDER BY "accountVersion"', [inflow],
    );
    expect(lines).toHaveLength(12);
    expect(lines[11]).toMatchObject({ accountVersion: 12n, postedAfter: 7_800n });
    expect((await bank.verify()).unfolded).toBe(0n);
  });

  describe('verification', () => {
    // Each breaks one thing behind the triggers' back, in books of its own.
    const broken: [string, string, string][] = [
      ['a balance', `UPDATE account SET "creditsPosted" = "creditsPosted" + 1 WHERE id = $1`, 'the accounts of each currency sum to zero'],
      ['a version', 'UPDATE account SET version = version + 1 WHERE id = $1', 'every account has its entries without a gap, up to its version and balance'],
      ['a running balance', 'UPDATE entry SET "postedAfter" = "postedAfter" + 1 WHERE "accountId" = $1', 'every entry shows the balance right after it'],
      ['an entry', 'DELETE FROM entry WHERE "accountId" = $1 AND "accountVersion" = 1', 'every transaction moves on each account what its postings say, once'],
      ['a posting', 'UPDATE posting SET amount = amount + 1 WHERE "creditAccountId" = $1', 'every balance equals its postings'],
      ['an amount', 'UPDATE ledger_tx SET amount = amount + 1 WHERE "walletId" = $1', 'every transaction moves its wallets by its amount and fee'],
      ['a count', 'UPDATE person_counter SET payments = payments + 1 WHERE "personId" = (SELECT "ownerId" FROM account WHERE id = $1)', 'every person\'s count of payments is right'],
      ['a limit', 'UPDATE limit_counter SET used = used - 1 WHERE "personId" = (SELECT "ownerId" FROM account WHERE id = $1)', 'every limit counter equals the movements of its day'],
      ['a guard', 'UPDATE refund_guard SET refunded = refunded - 1 WHERE "paymentId" IN (SELECT id FROM ledger_tx WHERE "walletId" = $1)', 'every refund guard equals its refunds and never exceeds its payment'],
      ['a waiver', 'UPDATE fee_waiver_budget SET spent = spent - 1 WHERE $1::uuid IS NOT NULL AND spent > 0', 'every waiver budget and use equals what was waived and rebated'],
      ['a top-up', `UPDATE top_up SET status = 'PENDING', "endedAt" = NULL, "chargeId" = NULL WHERE "walletId" = $1`, 'every idempotency key that was answered with a transaction has one, and every settled top-up is booked'],
    ];

    it.each(broken)('finds %s that somebody changed', async (_what, sql, check) => {
      const own = await openBank('corrupted');
      try {
        const [payer, seller] = [await own.customer({ minor: 100_000n }), await own.customer()];
        const merchantId = await own.merchant({ people: [seller.personId] });
        await own.offer({ maximumRewardsPerUser: 1 });
        const paid = await own.services.payments.pay(payer, {
          walletId: payer.walletId, merchantId, amount: usd(5_000n), description: undefined, idempotencyKey: 'k',
        });
        await own.services.refunds.refund(seller, {
          transactionId: paid.ok ? paid.transactionId : '', amount: usd(100n), reason: undefined, idempotencyKey: 'r',
        });
        expect(breaches(await own.verify())).toEqual([]);
        for (const table of ['entry', 'posting', 'ledger_tx']) await own.asOwner(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
        await own.asOwner(sql, [payer.walletId]);
        const report = await own.verify();
        expect(report.sound).toBe(false);
        expect(report.checks.filter(({ breaches: rows }) => rows > 0n).map(({ name }) => name)).toContain(check);
      } finally {
        await own.close();
      }
    });
  });

  it('F19: books beside a newer schema, whose columns have a default and no nulls', async () => {
    const own = await openBank('newer');
    try {
      for (const table of ['ledger_tx', 'posting', 'entry', 'account', 'pending_delta', 'idempotency', 'outbox']) {
        await own.asOwner(`ALTER TABLE ${table} ADD COLUMN later text NOT NULL DEFAULT 'none'`);
      }
      const [payer, seller] = [await own.customer({ minor: 100_000n }), await own.customer()];
      const merchantId = await own.merchant({ people: [seller.personId] });
      const paid = await own.services.payments.pay(payer, {
        walletId: payer.walletId, merchantId, amount: usd(5_000n), description: undefined, idempotencyKey: 'k',
      });
      const refunded = await own.services.refunds.refund(seller, {
        transactionId: paid.ok ? paid.transactionId : '', amount: usd(100n), reason: undefined, idempotencyKey: 'r',
      });
      expect([paid.ok, refunded.ok, breaches(await own.verify())]).toEqual([true, true, []]);
    } finally {
      await own.close();
    }
  });
});
