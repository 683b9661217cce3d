import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PAYMENT_STATE } from '../payments/payment.sql';
import { QUOTE_PROMISE_TABLE } from '../quotes/quote-promise.sql';

/** What quotes promised, and a payment's state that knows of it. */
export class QuotePromises1795360200000 implements MigrationInterface {
  name = 'QuotePromises1795360200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(QUOTE_PROMISE_TABLE);
    // The state had no amount before; a database that is new never had that one.
    await runner.query('DROP FUNCTION IF EXISTS payment_state(uuid, uuid, uuid, uuid, text, boolean)');
    await runner.query(PAYMENT_STATE);
  }

  async down(): Promise<void> {
    throw new Error('promises are never taken down');
  }
}
