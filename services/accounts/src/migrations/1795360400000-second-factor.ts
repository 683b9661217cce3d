import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SECOND_FACTOR_DOWN, SECOND_FACTOR_TABLES } from '../second-factor/second-factor.sql';
import { seededStepUpLimits } from '../step-ups/step-up.domain';

/** The second factor, step-ups and devices; the first limits above which a step-up is asked for, as data. */
export class SecondFactor1795360400000 implements MigrationInterface {
  name = 'SecondFactor1795360400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SECOND_FACTOR_TABLES);
    const limits = seededStepUpLimits();
    await runner.query(
      `INSERT INTO step_up_limit (currency, amount)
       SELECT currency, amount FROM unnest($1::text[], $2::bigint[]) AS l (currency, amount)`,
      [limits.map((limit) => limit.currency), limits.map((limit) => String(limit.amount))],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(SECOND_FACTOR_DOWN);
  }
}
