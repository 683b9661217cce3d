import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LEDGER_FOLD_ACCOUNT_BY_ID } from '../ledger/ledger-fold.sql';

/** Once the statistics know that one account has nearly all deltas, those of the others are still taken without a walk through them. */
export class FoldById1795865000000 implements MigrationInterface {
  name = 'FoldById1795865000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LEDGER_FOLD_ACCOUNT_BY_ID);
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
