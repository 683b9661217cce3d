import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A scan that blocks nobody: the table may be written to meanwhile. */
export class PartnerEnvironmentsValidated1795362550001 implements MigrationInterface {
  name = 'PartnerEnvironmentsValidated1795362550001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE partner_copy VALIDATE CONSTRAINT partner_copy_environment');
  }

  async down(): Promise<void> {
    // What was found valid stays so.
  }
}
