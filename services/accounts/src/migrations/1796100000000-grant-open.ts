import type { MigrationInterface, QueryRunner } from 'typeorm';
import { GRANT_OPEN } from '../reward-postings/reward-posting.sql';

/** Locks and facts of grants in one call. Instances of the version before ask for each by itself. */
export class GrantOpen1796100000000 implements MigrationInterface {
  name = 'GrantOpen1796100000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(GRANT_OPEN);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION grant_open');
  }
}
