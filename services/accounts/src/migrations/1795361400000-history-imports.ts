import type { MigrationInterface, QueryRunner } from 'typeorm';
import { HISTORY_TABLES } from '../history-imports/history-import.sql';

/** A bank's accounts and their histories; the books take accounts of banks, with a floor below zero where they were overdrawn. */
export class HistoryImports1795361400000 implements MigrationInterface {
  name = 'HistoryImports1795361400000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(HISTORY_TABLES);
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
