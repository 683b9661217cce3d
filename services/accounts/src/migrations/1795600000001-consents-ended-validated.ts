import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The rows of before keep what the migration before this one asks of new ones. */
export class ConsentsEndedValidated1795600000001 implements MigrationInterface {
  name = 'ConsentsEndedValidated1795600000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE consent VALIDATE CONSTRAINT consent_withdrawn_by');
  }

  async down(): Promise<void> {
    // A constraint that holds needs no undoing.
  }
}
