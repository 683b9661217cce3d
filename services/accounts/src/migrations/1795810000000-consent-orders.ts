import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CONSENT_ORDER_TABLE } from '../consents/consent-order.sql';

/** All consents of a bank can be ordered to end. Instances of the release before do not look at orders, until they are replaced. */
export class ConsentOrders1795810000000 implements MigrationInterface {
  name = 'ConsentOrders1795810000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CONSENT_ORDER_TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE consent_order; DROP FUNCTION refuse_other_order');
  }
}
