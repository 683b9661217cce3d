import { allCurrencies, fractionDigits } from '@tael/money';
import { createInboxTable } from '@tael/platform/inbox';
import { createOutboxTables } from '@tael/platform/outbox';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { IDEMPOTENCY_TABLE } from '../idempotency/idempotency.sql';
import { systemAccountId } from '../ledger/account.ids';
import { LEDGER_FOLD, LEDGER_POST, LEDGER_TABLES } from '../ledger/ledger.sql';

const SYSTEM_PURPOSES = ['FEES', 'CARD_CLEARING', 'REWARD_FUNDING'] as const;

/** The books, keys, inbox and outbox; an asset and its system accounts for every currency. */
export class Ledger1795360000000 implements MigrationInterface {
  name = 'Ledger1795360000000';

  async up(runner: QueryRunner): Promise<void> {
    await createOutboxTables(runner);
    await createInboxTable(runner);
    await runner.query(LEDGER_TABLES);
    await runner.query(LEDGER_POST);
    await runner.query(LEDGER_FOLD);
    await runner.query(IDEMPOTENCY_TABLE);
    const currencies = allCurrencies();
    await runner.query('INSERT INTO asset (code, scale) SELECT * FROM unnest($1::text[], $2::smallint[])', [
      currencies, currencies.map(fractionDigits),
    ]);
    for (const purpose of SYSTEM_PURPOSES) {
      await runner.query(
        `INSERT INTO account (id, asset, purpose, "postingMode", "debitsPosted", "creditsPosted", "debitsPending",
           "creditsPending", version, "openedAt")
         SELECT id, asset, $3, 'DEFERRED', 0, 0, 0, 0, 0, now() FROM unnest($1::uuid[], $2::text[]) AS a (id, asset)`,
        [currencies.map((currency) => systemAccountId(purpose, currency)), currencies, purpose],
      );
    }
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
