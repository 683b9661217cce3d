import type { MigrationInterface, QueryRunner } from 'typeorm';
import { BANK_FILE_TABLES } from '../bank-files/bank-file.sql';

/** Files of banks that come in parts, and breaks found by what they are of. */
export class BankFiles1795420000000 implements MigrationInterface {
  name = 'BankFiles1795420000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(BANK_FILE_TABLES);
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
