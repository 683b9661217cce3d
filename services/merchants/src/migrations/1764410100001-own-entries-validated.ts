import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Looks through the entries that were there before. */
export class OwnEntriesValidated1764410100001 implements MigrationInterface {
  name = 'OwnEntriesValidated1764410100001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE audit_entry VALIDATE CONSTRAINT audit_entry_actor_known');
  }

  async down(): Promise<void> {
    // What was written under the wider list stays.
  }
}
