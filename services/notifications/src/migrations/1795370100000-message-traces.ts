import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The trace that a message belongs to, so that its deliveries continue it; filled only where traces are told. */
export class MessageTraces1795370100000 implements MigrationInterface {
  name = 'MessageTraces1795370100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE intent ADD COLUMN traceparent text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE intent DROP COLUMN traceparent');
  }
}
