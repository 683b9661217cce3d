import type { MigrationInterface, QueryRunner } from 'typeorm';
import { seededMerchantOwingLimits } from '../limits/limit.definitions.domain';

/** What a merchant may owe after its people gave something back: what was paid out already is not theirs to give without end. */
export class MerchantOwing1795770000000 implements MigrationInterface {
  name = 'MerchantOwing1795770000000';

  async up(runner: QueryRunner): Promise<void> {
    const limits = seededMerchantOwingLimits();
    await runner.query(
      `INSERT INTO limit_definition (id, currency, kinds, measure, "window", cap)
       SELECT l.id, l.currency, '{MERCHANT_OWING}', 'AMOUNT', 'TRANSACTION', l.cap
       FROM unnest($1::text[], $2::text[], $3::bigint[]) AS l (id, currency, cap)`,
      [limits.map(({ id }) => id), limits.map(({ currency }) => currency), limits.map(({ cap }) => String(cap))],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE limit_definition DISABLE TRIGGER limit_definition_append_only;
      DELETE FROM limit_definition WHERE kinds = '{MERCHANT_OWING}';
      ALTER TABLE limit_definition ENABLE TRIGGER limit_definition_append_only`);
  }
}
