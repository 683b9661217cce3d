import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { DEBTS } from '../debts/debt.sql';

/** What people owe or owed, as operators look through it. */
export class DebtsByAge1795740000003 implements MigrationInterface {
  name = 'DebtsByAge1795740000003';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, DEBTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, DEBTS.name);
  }
}
