import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the sessions whose network is to be forgotten: those of long ago that still have one. */
export class NetworksThatAreForgotten1795989000000 implements MigrationInterface {
  name = 'NetworksThatAreForgotten1795989000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX session_with_network ON session ("startedAt") WHERE network IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX session_with_network');
  }
}
