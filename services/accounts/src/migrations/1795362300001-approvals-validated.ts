import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The rows of before keep what the migration before this one asks of new ones. */
export class ApprovalsValidated1795362300001 implements MigrationInterface {
  name = 'ApprovalsValidated1795362300001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE ledger_tx VALIDATE CONSTRAINT ledger_tx_kind');
    await runner.query('ALTER TABLE step_up VALIDATE CONSTRAINT step_up_purpose');
  }

  async down(): Promise<void> {
    // A constraint that holds needs no undoing.
  }
}
