import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A change of a fee schedule has a name, as one of a limit has, so that a repeated wish finds what it did. A table of few rows. */
export class FeeScheduleChanges1795600000003 implements MigrationInterface {
  name = 'FeeScheduleChanges1795600000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE fee_schedule ADD COLUMN "changeId" uuid;
      CREATE UNIQUE INDEX fee_schedule_change ON fee_schedule ("changeId")`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE fee_schedule DROP COLUMN "changeId"');
  }
}
