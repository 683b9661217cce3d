import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the sessions that ended a moment ago: gateways ask for them every other second. */
export class EndedSessions1795360500000 implements MigrationInterface {
  name = 'EndedSessions1795360500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX session_ended_at ON session ("endedAt") WHERE "endedAt" IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX session_ended_at');
  }
}
