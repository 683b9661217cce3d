import type { MigrationInterface, QueryRunner } from 'typeorm';
import { HISTORY_KEEPING, HISTORY_KEEPING_BACK } from '../history-imports/history-keeping.sql';

/** Imports that came to nothing were kept for ever, with lines about people: they are removed, and nothing else can be. */
export class HistoryKeeping1795840000000 implements MigrationInterface {
  name = 'HistoryKeeping1795840000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(HISTORY_KEEPING);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(HISTORY_KEEPING_BACK);
  }
}
