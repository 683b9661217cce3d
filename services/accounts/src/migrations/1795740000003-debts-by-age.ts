import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { DEBTS } from '../debts/debt.sql';

/** Debts that are open, as the loop goes through them: one that is settled costs it nothing more. */
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
