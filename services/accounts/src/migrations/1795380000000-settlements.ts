import { allCurrencies } from '@tael/money';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { systemAccountId } from '../ledger/account.ids';
import { PAYOUT_TABLES } from '../payouts/payout.sql';
import { SETTLEMENT_CHANGES, SETTLEMENT_FENCE, SETTLEMENT_TABLES } from '../settlements/settlement.sql';

/** Settlement of merchants: batches, terms, payouts to their bank accounts, and the accounts of the books that they need. */
export class Settlements1795380000000 implements MigrationInterface {
  name = 'Settlements1795380000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SETTLEMENT_CHANGES);
    await runner.query(PAYOUT_TABLES);
    await runner.query(SETTLEMENT_TABLES);
    await runner.query(SETTLEMENT_FENCE);
    const currencies = allCurrencies();
    await runner.query(
      `INSERT INTO account (id, asset, purpose, "postingMode", "debitsPosted", "creditsPosted", "debitsPending", "creditsPending", version,
         "openedAt")
       SELECT id, asset, 'MERCHANT_FEES', 'DEFERRED', 0, 0, 0, 0, 0, now() FROM unnest($1::uuid[], $2::text[]) AS a (id, asset)`,
      [currencies.map((currency) => systemAccountId('MERCHANT_FEES', currency)), currencies],
    );
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
