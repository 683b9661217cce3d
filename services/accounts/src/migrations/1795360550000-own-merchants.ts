import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PAYMENT_STATES, PAYMENT_STATES_OWN } from '../payments/payment-batch.sql';

/** What a payment depends on says whether the payer acts for the merchant. Instances that go do not look at it. */
export class OwnMerchants1795360550000 implements MigrationInterface {
  name = 'OwnMerchants1795360550000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PAYMENT_STATES_OWN);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(PAYMENT_STATES.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'));
  }
}
