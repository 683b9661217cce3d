import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The rows of before keep what the migration before this one asks of new ones. */
export class SessionsEndedByOperatorsValidated1795986000001 implements MigrationInterface {
  name = 'SessionsEndedByOperatorsValidated1795986000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE session VALIDATE CONSTRAINT session_end_reason');
  }

  async down(): Promise<void> {
    // A constraint that holds needs no undoing.
  }
}
