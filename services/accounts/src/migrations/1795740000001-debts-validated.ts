import type { MigrationInterface, QueryRunner } from 'typeorm';
import { DEBT_VALIDATIONS } from '../debts/debt.sql';

/** The rows of before keep what the migration before this one asks of new ones. */
export class DebtsValidated1795740000001 implements MigrationInterface {
  name = 'DebtsValidated1795740000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(DEBT_VALIDATIONS);
  }

  async down(): Promise<void> {
    // A constraint that holds needs no undoing.
  }
}
