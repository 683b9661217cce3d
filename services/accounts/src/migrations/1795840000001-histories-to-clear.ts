import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { TO_CLEAR } from '../history-imports/history-keeping.sql';

/** Imports as the loop that removes their lines looks for them. */
export class HistoriesToClear1795840000001 implements MigrationInterface {
  name = 'HistoriesToClear1795840000001';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, TO_CLEAR);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, TO_CLEAR.name);
  }
}
