import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The rows of before keep what the migration before this one asks of new ones. */
export class LimitVersionsValidated1795430000001 implements MigrationInterface {
  name = 'LimitVersionsValidated1795430000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE approval VALIDATE CONSTRAINT approval_kind');
  }

  async down(): Promise<void> {
    // A constraint that holds needs no undoing.
  }
}
