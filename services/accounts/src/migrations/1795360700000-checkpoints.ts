import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CHECKPOINT_DOWN, CHECKPOINT_TABLE } from '../checkpoints/checkpoint.sql';

/** The hash chain over the books, and the order in which it goes through them. */
export class Checkpoints1795360700000 implements MigrationInterface {
  name = 'Checkpoints1795360700000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHECKPOINT_TABLE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(CHECKPOINT_DOWN);
  }
}
