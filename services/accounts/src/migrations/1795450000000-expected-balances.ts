import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LEDGER_EXPECT, LEDGER_POST_BATCH, LEDGER_POST_BATCH_ONCE } from '../ledger/ledger-batch.sql';

/** Batches say themselves that balances are as decided, since they may be committed with their last statement. */
export class ExpectedBalances1795450000000 implements MigrationInterface {
  name = 'ExpectedBalances1795450000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LEDGER_EXPECT);
    await runner.query(LEDGER_POST_BATCH_ONCE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(LEDGER_POST_BATCH.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'));
    await runner.query('DROP FUNCTION ledger_expect');
  }
}
