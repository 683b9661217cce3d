import { allCurrencies, fractionDigits } from '@tael/money';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { seededFee } from '../fees/fee.domain';
import { seededLimits } from '../limits/limit.definitions.domain';
import { MOVEMENT_COUNT, MOVEMENT_STATE, PAYMENT_STATE, PAYMENT_TABLES } from '../payments/payment.sql';
import { REWARD_TABLES } from '../reward-postings/reward-posting.sql';

/** What payments, refunds, waivers and rewards keep; the first fee schedules and limits as data. */
export class Payments1795360100000 implements MigrationInterface {
  name = 'Payments1795360100000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of [PAYMENT_TABLES, MOVEMENT_STATE, PAYMENT_STATE, MOVEMENT_COUNT, REWARD_TABLES]) await runner.query(sql);
    const fees = allCurrencies().map((currency) => ({ currency, ...seededFee(fractionDigits(currency)) }));
    // Entered and in force since before the platform was: every clock finds a schedule.
    await runner.query(
      `INSERT INTO fee_schedule (kind, currency, "effectiveFrom", "enteredAt", "rateBasisPoints", minimum, maximum)
       SELECT 'PAYMENT', currency, '2000-01-02Z', '2000-01-01Z', rate, minimum, maximum
       FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) AS f (currency, rate, minimum, maximum)`,
      [
        fees.map((fee) => fee.currency), fees.map((fee) => fee.rateBasisPoints), fees.map((fee) => String(fee.minimum)),
        fees.map((fee) => String(fee.maximum)),
      ],
    );
    await runner.query(
      `INSERT INTO limit_definition (id, currency, kinds, measure, "window", cap)
       SELECT l.id, l.currency, ARRAY(SELECT jsonb_array_elements_text(l.kinds)), l.measure, l."window", l.cap
       FROM jsonb_to_recordset($1::jsonb)
         AS l (id text, currency text, kinds jsonb, measure text, "window" text, cap bigint)`,
      [JSON.stringify(seededLimits().map((limit) => ({ ...limit, cap: limit.cap.toString() })))],
    );
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
