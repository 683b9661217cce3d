import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ALL_DEBTS } from '../debts/debt.sql';

/** Debts, settled ones too, as operators list them: of a hundred orders hardly one was ever owed for. */
export class AllDebts1795800000000 implements MigrationInterface {
  name = 'AllDebts1795800000000';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, ALL_DEBTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, ALL_DEBTS.name);
  }
}
