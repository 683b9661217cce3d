import type { MigrationInterface, QueryRunner } from 'typeorm';
import { withWords } from '../ledger/closed-list.sql';
import { LIMITS_IN_FORCE, PAYMENT_STATES_BY_VERSION } from '../payments/payment-batch.sql';
import { movementStateByVersion, PAYMENT_STATE_BY_VERSION } from '../payments/payment.sql';

/**
 * Limits have versions with effect from an instant, as fee schedules have, and both say who entered them. What is there is version 1, in force
 * since before the platform was. Limits above which a step-up is asked for are limits like the others.
 */
export class LimitVersions1795430000000 implements MigrationInterface {
  name = 'LimitVersions1795430000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE limit_definition
        ADD COLUMN version integer NOT NULL DEFAULT 1,
        ADD COLUMN "effectiveFrom" timestamptz NOT NULL DEFAULT '2000-01-02 00:00:00+00',
        ADD COLUMN "enteredAt" timestamptz NOT NULL DEFAULT '2000-01-01 00:00:00+00',
        ADD COLUMN "enteredBy" uuid CONSTRAINT limit_definition_entered_by REFERENCES person,
        ADD COLUMN "changeId" uuid,
        ADD CONSTRAINT limit_definition_version CHECK (version >= 1),
        ADD CONSTRAINT limit_definition_notice CHECK ("effectiveFrom" >= "enteredAt" + interval '10 seconds'),
        DROP CONSTRAINT limit_definition_pkey,
        ADD CONSTRAINT limit_definition_pkey PRIMARY KEY (id, version);
      DROP INDEX limit_definition_currency;
      CREATE INDEX limit_definition_currency ON limit_definition (currency) WHERE version = 1;
      CREATE UNIQUE INDEX limit_definition_change ON limit_definition ("changeId");
      ALTER TABLE fee_schedule ADD COLUMN "enteredBy" uuid CONSTRAINT fee_schedule_entered_by REFERENCES person`);
    await runner.query(`
      INSERT INTO limit_definition (id, currency, kinds, measure, "window", cap)
        SELECT 'step-up-' || currency, currency, '{STEP_UP}', 'AMOUNT', 'TRANSACTION', amount FROM step_up_limit`);
    await runner.query(`
      CREATE TRIGGER limit_definition_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON limit_definition EXECUTE FUNCTION refuse_change()`);
    for (const sql of [movementStateByVersion(LIMITS_IN_FORCE), PAYMENT_STATE_BY_VERSION, PAYMENT_STATES_BY_VERSION]) await runner.query(sql);
    await runner.query(withWords({ table: 'approval', column: 'kind', constraint: 'approval_kind' }, ['LIMIT_RAISE']));
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
