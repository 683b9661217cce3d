import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ALL_CARD_DEBTS } from '../charge-backs/charge-back.sql';

/** Debts of cards, settled ones too, as operators list them. */
export class AllCardDebts1795850000001 implements MigrationInterface {
  name = 'AllCardDebts1795850000001';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, ALL_CARD_DEBTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, ALL_CARD_DEBTS.name);
  }
}
