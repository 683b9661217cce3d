import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LEDGER_POST } from '../ledger/ledger.sql';
import { LEDGER_POST_BATCH } from '../ledger/ledger-batch.sql';

const anew = (sql: string): string => sql.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION');

/**
 * The functions that write the books name the columns that they write. Before, a column that was added with a default and
 * without nulls would have stopped every payment: they wrote whole rows, with null for what they do not know.
 */
export class LedgerColumns1795360900000 implements MigrationInterface {
  name = 'LedgerColumns1795360900000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [LEDGER_POST, LEDGER_POST_BATCH]) await runner.query(anew(sql));
  }

  async down(): Promise<void> {
    // What they write is the same.
  }
}
