import type { MigrationInterface, QueryRunner } from 'typeorm';
import { HISTORY_TURNOVER } from '../history-imports/history-import.sql';

/** What an import moves on each account, so that the dry run can tell whether it is too much together. */
export class HistoryTurnover1795710000001 implements MigrationInterface {
  name = 'HistoryTurnover1795710000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(HISTORY_TURNOVER);
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
