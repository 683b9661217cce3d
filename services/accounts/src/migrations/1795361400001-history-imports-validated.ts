import type { MigrationInterface, QueryRunner } from 'typeorm';
import { HISTORY_VALIDATIONS } from '../history-imports/history-import.sql';

/** Validates what the migration before it only promised for new rows: in a transaction of its own, so that it blocks nobody. */
export class HistoryImportsValidated1795361400001 implements MigrationInterface {
  name = 'HistoryImportsValidated1795361400001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(HISTORY_VALIDATIONS);
  }

  async down(): Promise<void> {
    // Nothing was changed.
  }
}
