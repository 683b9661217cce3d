import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { STATEMENT_LINES } from '../bank-files/bank-file.sql';

/** An index of a table that is in use: built beside the traffic. */
export class StatementLinesOfOrder1795420000003 implements MigrationInterface {
  name = 'StatementLinesOfOrder1795420000003';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, STATEMENT_LINES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, STATEMENT_LINES.name);
  }
}
