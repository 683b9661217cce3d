import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What one operation of a partner may cost, where that is another than everybody's. */
export class PartnerCostMax1796070000000 implements MigrationInterface {
  name = 'PartnerCostMax1796070000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE partner_copy ADD "rateCostMax" integer CONSTRAINT partner_copy_cost_max CHECK ("rateCostMax" > 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE partner_copy DROP "rateCostMax"');
  }
}
