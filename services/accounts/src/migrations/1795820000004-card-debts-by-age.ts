import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CARD_DEBTS } from '../charge-backs/charge-back.sql';

/** Debts of cards that are open, as the loop goes through them. */
export class CardDebtsByAge1795820000004 implements MigrationInterface {
  name = 'CardDebtsByAge1795820000004';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, CARD_DEBTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, CARD_DEBTS.name);
  }
}
