import type { MigrationInterface, QueryRunner } from 'typeorm';
import { seededCashierDayLimits } from '../limits/limit.definitions.domain';

/** What a cashier may give back in a day. A kind of its own: the release before reads one limit of CASHIER_REFUND a currency, whichever comes first. */
export class CashierDays1795730500000 implements MigrationInterface {
  name = 'CashierDays1795730500000';

  async up(runner: QueryRunner): Promise<void> {
    const limits = seededCashierDayLimits();
    await runner.query(
      `INSERT INTO limit_definition (id, currency, kinds, measure, "window", cap)
       SELECT l.id, l.currency, '{CASHIER_REFUND_DAY}', 'AMOUNT', 'DAY', l.cap
       FROM unnest($1::text[], $2::text[], $3::bigint[]) AS l (id, currency, cap)`,
      [limits.map(({ id }) => id), limits.map(({ currency }) => currency), limits.map(({ cap }) => String(cap))],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE limit_definition DISABLE TRIGGER limit_definition_append_only;
      DELETE FROM limit_counter WHERE "limitId" LIKE 'cashier-refund-day-%';
      DELETE FROM limit_definition WHERE kinds = '{CASHIER_REFUND_DAY}';
      ALTER TABLE limit_definition ENABLE TRIGGER limit_definition_append_only`);
  }
}
