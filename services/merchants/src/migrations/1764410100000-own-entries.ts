import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The trail tells of what the service does by itself, too. */
export class OwnEntries1764410100000 implements MigrationInterface {
  name = 'OwnEntries1764410100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE audit_entry DROP CONSTRAINT audit_entry_actor_known, ADD CONSTRAINT audit_entry_actor_known
      CHECK ("actorKind" IN ('PERSON', 'PARTNER_CLIENT', 'INVITATION', 'TAEL')) NOT VALID`);
  }

  async down(): Promise<void> {
    // What was written under the wider list stays.
  }
}
