import { allCurrencies } from '@tael/money';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CHARGE_BACK_COLUMNS, CHARGE_BACK_WORDS } from '../charge-backs/charge-back.sql';
import { systemAccountId } from '../ledger/account.ids';

/**
 * Top-ups that went back to their cards. An instance of before books none, and does not see that one owes because of it; it does not know the kind of what
 * others have booked as receivable: lists of such a person's transactions fail there until it is replaced.
 */
export class ChargeBacks1795820000001 implements MigrationInterface {
  name = 'ChargeBacks1795820000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHARGE_BACK_COLUMNS);
    await runner.query(CHARGE_BACK_WORDS);
    const currencies = allCurrencies();
    await runner.query(
      `INSERT INTO account (id, asset, purpose, "postingMode", "debitsPosted", "creditsPosted", "debitsPending", "creditsPending", version,
         "openedAt")
       SELECT id, asset, 'CARD_RECEIVABLE', 'DEFERRED', 0, 0, 0, 0, 0, now() FROM unnest($1::uuid[], $2::text[]) AS a (id, asset)`,
      [currencies.map((currency) => systemAccountId('CARD_RECEIVABLE', currency)), currencies],
    );
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
