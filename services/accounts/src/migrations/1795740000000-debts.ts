import type { MigrationInterface, QueryRunner } from 'typeorm';
import { DEBT_COLUMNS, DEBT_WORDS } from '../debts/debt.sql';

/**
 * What people owe after a returned top-up is collected. An instance of before collects nothing, and does not know the kind of what
 * others have collected: lists of such a person's transactions fail there until it is replaced.
 */
export class Debts1795740000000 implements MigrationInterface {
  name = 'Debts1795740000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(DEBT_COLUMNS);
    for (const words of DEBT_WORDS) await runner.query(words);
  }

  async down(): Promise<void> {
    throw new Error('the books are never taken down');
  }
}
