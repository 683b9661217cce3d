import type { MigrationInterface, QueryRunner } from 'typeorm';
import { PEOPLE_TABLES } from '../people/people.sql';

/** People, sessions, wallets, payment methods and top-ups. */
export class People1795360050000 implements MigrationInterface {
  name = 'People1795360050000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(PEOPLE_TABLES);
  }

  async down(): Promise<void> {
    throw new Error('people and their wallets are never taken down');
  }
}
