import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LEDGER_FOLD_ACCOUNT_ALONE } from '../ledger/ledger-fold.sql';

/** While accounts are left out of folding, the others are folded one by one, without a look at the deltas of those. */
export class FoldAlone1795760000001 implements MigrationInterface {
  name = 'FoldAlone1795760000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LEDGER_FOLD_ACCOUNT_ALONE);
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
