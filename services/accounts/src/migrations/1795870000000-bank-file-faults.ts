import type { MigrationInterface, QueryRunner } from 'typeorm';
import { BANK_FILE_FAULTS } from '../bank-files/bank-file.sql';

/** A bank's file whose comparison fails again and again. An instance of before tries one that rests at once. */
export class BankFileFaults1795870000000 implements MigrationInterface {
  name = 'BankFileFaults1795870000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(BANK_FILE_FAULTS);
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
