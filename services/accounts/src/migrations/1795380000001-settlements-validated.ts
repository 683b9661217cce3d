import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PAYOUT_VALIDATIONS } from '../payouts/payout.sql';
import { SETTLEMENT_VALIDATIONS } from '../settlements/settlement.sql';

/** The rows of before keep what the migration before this one asks of new ones. */
export class SettlementsValidated1795380000001 implements MigrationInterface {
  name = 'SettlementsValidated1795380000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SETTLEMENT_VALIDATIONS);
    await runner.query(PAYOUT_VALIDATIONS);
  }

  async down(): Promise<void> {
    // A constraint that holds needs no undoing.
  }
}
