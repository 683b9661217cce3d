import type { MigrationInterface, QueryRunner } from 'typeorm';
import { DROP_SETTLEMENT_BOUNDS, SETTLEMENT_BOUNDS } from '../settlements/settlement-bounds.sql';

/** Whether a merchant is verified, which payouts ask; and what no fee may be more than. Nobody is verified until merchants says so. */
export class VerifiedMerchants1795410000000 implements MigrationInterface {
  name = 'VerifiedMerchants1795410000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE merchant_copy ADD COLUMN verified boolean NOT NULL DEFAULT false');
    await runner.query(SETTLEMENT_BOUNDS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DROP_SETTLEMENT_BOUNDS);
    await runner.query('ALTER TABLE merchant_copy DROP COLUMN verified');
  }
}
