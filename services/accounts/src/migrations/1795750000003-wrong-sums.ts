import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often a last chunk of a document was wrong: after five its upload is closed. */
export class WrongSums1795750000003 implements MigrationInterface {
  name = 'WrongSums1795750000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE dispute_document ADD COLUMN "wrongSums" integer NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE dispute_document DROP COLUMN "wrongSums"');
  }
}
