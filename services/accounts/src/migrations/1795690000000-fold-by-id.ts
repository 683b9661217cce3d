import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LEDGER_FOLD, LEDGER_FOLD_BY_ID } from '../ledger/ledger.sql';

/** A plan of folding that was made while there were few accounts read all of them at every pass, however many there were later. */
export class FoldById1795690000000 implements MigrationInterface {
  name = 'FoldById1795690000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(LEDGER_FOLD_BY_ID);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(LEDGER_FOLD.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION'));
  }
}
