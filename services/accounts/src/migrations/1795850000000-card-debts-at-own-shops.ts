import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PAYMENT_STATES_OWED, PAYMENT_STATES_OWED_OF_CARDS } from '../payments/payment-batch.sql';

/** What a payer owes after charge-backs is known, too, where they pay a shop of their own. */
export class CardDebtsAtOwnShops1795850000000 implements MigrationInterface {
  name = 'CardDebtsAtOwnShops1795850000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PAYMENT_STATES_OWED_OF_CARDS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(PAYMENT_STATES_OWED);
  }
}
