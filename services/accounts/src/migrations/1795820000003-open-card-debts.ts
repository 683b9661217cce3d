import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { OPEN_CARD_DEBTS } from '../charge-backs/charge-back.sql';

/** What somebody owes after charge-backs: asked before each withdrawal. */
export class OpenCardDebts1795820000003 implements MigrationInterface {
  name = 'OpenCardDebts1795820000003';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, OPEN_CARD_DEBTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, OPEN_CARD_DEBTS.name);
  }
}
