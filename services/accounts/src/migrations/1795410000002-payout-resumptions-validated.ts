import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The rows of before keep what the migration before this one asks of new ones. */
export class PayoutResumptionsValidated1795410000002 implements MigrationInterface {
  name = 'PayoutResumptionsValidated1795410000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE step_up VALIDATE CONSTRAINT step_up_purpose');
  }

  async down(): Promise<void> {
    // A constraint that holds needs no undoing.
  }
}
