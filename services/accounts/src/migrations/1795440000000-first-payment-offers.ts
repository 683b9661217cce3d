import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PAYMENT_STATES_BY_VERSION, PAYMENT_STATES_FIRST } from '../payments/payment-batch.sql';

/** Offers for a first payment are read for those alone who have not paid yet. */
export class FirstPaymentOffers1795440000000 implements MigrationInterface {
  name = 'FirstPaymentOffers1795440000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PAYMENT_STATES_FIRST);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(PAYMENT_STATES_BY_VERSION);
  }
}
