import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LINES_BY_DAY } from '../bank-files/bank-file.sql';

/** An index of a table that is in use: built beside the traffic. */
export class LinesByDay1795420000002 implements MigrationInterface {
  name = 'LinesByDay1795420000002';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, LINES_BY_DAY);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, LINES_BY_DAY.name);
  }
}
