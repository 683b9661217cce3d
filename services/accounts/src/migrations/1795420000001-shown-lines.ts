import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { SHOWN_LINES } from '../bank-files/bank-file.sql';

/** An index of a table that is in use: built beside the traffic. */
export class ShownLines1795420000001 implements MigrationInterface {
  name = 'ShownLines1795420000001';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, SHOWN_LINES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, SHOWN_LINES.name);
  }
}
