import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PAYMENT_STATES_FROZEN, PAYMENT_STATES_OWED } from '../payments/payment-batch.sql';

/** What a payer owes is known where they pay a shop of their own. Instances of the release before do not look, and take such a payment. */
export class OwedToOwnShops1795800000001 implements MigrationInterface {
  name = 'OwedToOwnShops1795800000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PAYMENT_STATES_OWED);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(PAYMENT_STATES_FROZEN);
  }
}
