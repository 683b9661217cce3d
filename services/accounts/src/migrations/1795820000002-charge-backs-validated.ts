import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CHARGE_BACK_VALIDATIONS } from '../charge-backs/charge-back.sql';

/** The rows of before keep what the migration before this one asks of new ones. */
export class ChargeBacksValidated1795820000002 implements MigrationInterface {
  name = 'ChargeBacksValidated1795820000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHARGE_BACK_VALIDATIONS);
  }

  async down(): Promise<void> {
    // A constraint that holds needs no undoing.
  }
}
