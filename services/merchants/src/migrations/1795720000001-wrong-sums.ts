import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often a last chunk of a document was wrong: after five its upload is closed. */
export class WrongSums1795720000001 implements MigrationInterface {
  name = 'WrongSums1795720000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE merchant_document ADD COLUMN "wrongSums" integer NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE merchant_document DROP COLUMN "wrongSums"');
  }
}
