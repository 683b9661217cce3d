import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The constraint of the migration before, in a transaction of its own: it reads every account, and nobody waits for that. */
export class FrozenWalletsValidated1795730000001 implements MigrationInterface {
  name = 'FrozenWalletsValidated1795730000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE account VALIDATE CONSTRAINT account_frozen');
  }

  async down(): Promise<void> {
    // The constraint goes with its column.
  }
}
