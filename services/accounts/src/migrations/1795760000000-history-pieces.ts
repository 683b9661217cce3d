import type { MigrationInterface, QueryRunner } from 'typeorm';
import { HISTORY_PIECES } from '../history-imports/history-import.sql';

/** An account of millions of lines is tried in pieces: as one query it held its worker for minutes, and a database's memory with it. */
export class HistoryPieces1795760000000 implements MigrationInterface {
  name = 'HistoryPieces1795760000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(HISTORY_PIECES);
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
