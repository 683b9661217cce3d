import type { MigrationInterface, QueryRunner } from 'typeorm';
import { seededCashierLimits } from '../limits/limit.definitions.domain';

/** Who of a merchant's people is a cashier, and what those may refund, as rows of data. Before there was nobody but owners. */
export class Cashiers1795361200000 implements MigrationInterface {
  name = 'Cashiers1795361200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE merchant_copy ADD COLUMN cashiers uuid[] NOT NULL DEFAULT '{}'`);
    const limits = seededCashierLimits();
    await runner.query(
      `INSERT INTO limit_definition (id, currency, kinds, measure, "window", cap)
       SELECT l.id, l.currency, '{CASHIER_REFUND}', 'AMOUNT', 'TRANSACTION', l.cap
       FROM unnest($1::text[], $2::text[], $3::bigint[]) AS l (id, currency, cap)`,
      [limits.map(({ id }) => id), limits.map(({ currency }) => currency), limits.map(({ cap }) => String(cap))],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE merchant_copy DROP COLUMN cashiers; DELETE FROM limit_definition WHERE kinds = '{CASHIER_REFUND}'`);
  }
}
