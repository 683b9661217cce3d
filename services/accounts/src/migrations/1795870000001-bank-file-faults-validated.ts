import type { MigrationInterface, QueryRunner } from 'typeorm';
import { BANK_FILE_FAULT_VALIDATIONS } from '../bank-files/bank-file.sql';

/** The rows of before keep what the migration before this one asks of new ones. */
export class BankFileFaultsValidated1795870000001 implements MigrationInterface {
  name = 'BankFileFaultsValidated1795870000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(BANK_FILE_FAULT_VALIDATIONS);
  }

  async down(): Promise<void> {
    // A constraint that holds needs no undoing.
  }
}
