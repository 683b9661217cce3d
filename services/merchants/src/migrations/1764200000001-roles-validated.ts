import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Looks through the people that were there before, without holding anybody up. */
export class RolesValidated1764200000001 implements MigrationInterface {
  name = 'RolesValidated1764200000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE merchant_person VALIDATE CONSTRAINT merchant_person_role_known');
  }

  async down(): Promise<void> {
    // A constraint that was looked through stays so.
  }
}
