import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whether a partner bank is in the sandbox. Until its next event says so it is not: merchants tells of all of them again. */
export class PartnerEnvironments1795362550000 implements MigrationInterface {
  name = 'PartnerEnvironments1795362550000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE partner_copy ADD COLUMN environment text NOT NULL DEFAULT 'PRODUCTION',
        ADD CONSTRAINT partner_copy_environment CHECK (environment IN ('SANDBOX', 'PRODUCTION')) NOT VALID`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE partner_copy DROP COLUMN environment');
  }
}
