import type { MigrationInterface, QueryRunner } from 'typeorm';
import { IDEMPOTENCY_REFUSE } from '../idempotency/idempotency.sql';
import { PAYMENT_REFUSE } from '../payments/payment-batch.sql';

/** A key's answer is written by a function of the owner's, so that the application role needs no right to change keys. */
export class AppendOnlyKeys1795360600000 implements MigrationInterface {
  name = 'AppendOnlyKeys1795360600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(IDEMPOTENCY_REFUSE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION payment_refuse');
    await runner.query(PAYMENT_REFUSE);
  }
}
