import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OPEN_DEBTS } from '../debts/debt.sql';

/** What somebody owes: asked before each withdrawal. */
export class OpenDebts1795740000002 implements MigrationInterface {
  name = 'OpenDebts1795740000002';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, OPEN_DEBTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, OPEN_DEBTS.name);
  }
}
