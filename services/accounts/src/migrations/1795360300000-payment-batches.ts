import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LEDGER_POST_BATCH } from '../ledger/ledger-batch.sql';
import { PAYMENT_CLAIM, PAYMENT_COUNT, PAYMENT_REFUSE, PAYMENT_STATES } from '../payments/payment-batch.sql';

/** Payments of many people in one transaction. The functions for one payment stay: instances that go still call them. */
export class PaymentBatches1795360300000 implements MigrationInterface {
  name = 'PaymentBatches1795360300000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [LEDGER_POST_BATCH, PAYMENT_CLAIM, PAYMENT_STATES, PAYMENT_COUNT, PAYMENT_REFUSE]) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['payment_refuse', 'payment_count', 'payment_states', 'payment_claim', 'ledger_post_batch']) {
      await runner.query(`DROP FUNCTION ${name}`);
    }
  }
}
