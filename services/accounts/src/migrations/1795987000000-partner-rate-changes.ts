import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when a partner has its rate: tokens of before say another, and gateways are told. */
export class PartnerRateChanges1795987000000 implements MigrationInterface {
  name = 'PartnerRateChanges1795987000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE partner_copy ADD "rateChangedAt" timestamptz;
      CREATE INDEX partner_copy_rate_changed_at ON partner_copy ("rateChangedAt");
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE partner_copy DROP "rateChangedAt"');
  }
}
