import type { MigrationInterface, QueryRunner } from 'typeorm';
import { DEBT_COLUMNS, DEBT_WORDS } from '../debts/debt.sql';

/** What people owe after a returned top-up is collected, or written off by two operators. An instance of before goes on without it. */
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
