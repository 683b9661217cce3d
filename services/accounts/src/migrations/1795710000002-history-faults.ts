import type { MigrationInterface, QueryRunner } from 'typeorm';
import { HISTORY_FAULTS } from '../history-imports/history-import.sql';

/** An import that cannot go on rests between its tries, and is taken back in the end: it held up every other bank's. */
export class HistoryFaults1795710000002 implements MigrationInterface {
  name = 'HistoryFaults1795710000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(HISTORY_FAULTS);
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
