import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PAYMENT_OPEN } from '../payments/payment-batch.sql';

/** Keys, locks and states of payments in one call. Instances of the version before still call the two that it is made of. */
export class PaymentOpen1795390000000 implements MigrationInterface {
  name = 'PaymentOpen1795390000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PAYMENT_OPEN);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION payment_open');
  }
}
