import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LEDGER_FOLD_ACCOUNT, LEDGER_FOLD_WITHOUT } from '../ledger/ledger-fold.sql';

/** An account whose deltas cannot be folded keeps back its own only: the others are folded without it. */
export class FoldApart1795710000000 implements MigrationInterface {
  name = 'FoldApart1795710000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LEDGER_FOLD_WITHOUT);
    await runner.query(LEDGER_FOLD_ACCOUNT);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION ledger_fold_without(integer, uuid[])');
    await runner.query('DROP FUNCTION ledger_fold_account(integer, uuid)');
  }
}
