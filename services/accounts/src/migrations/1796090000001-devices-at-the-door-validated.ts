import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The rows of before keep what the migration before this one asks of new ones. */
export class DevicesAtTheDoorValidated1796090000001 implements MigrationInterface {
  name = 'DevicesAtTheDoorValidated1796090000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE device VALIDATE CONSTRAINT device_sign_in_name');
  }

  async down(): Promise<void> {
    // A constraint that holds needs no undoing.
  }
}
