import type { MigrationInterface, QueryRunner } from 'typeorm';
import { BANK_VALIDATIONS } from '../bank-orders/bank-order.sql';

/** The rows of before keep what the migration before this one asks of new ones. */
export class BankValidated1795361100001 implements MigrationInterface {
  name = 'BankValidated1795361100001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(BANK_VALIDATIONS);
  }

  async down(): Promise<void> {
    // A constraint that holds needs no undoing.
  }
}
