import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When what is in a document of a dispute was removed, since it is kept for a time only. Of all there are it is still here. */
export class RemovedEvidence1795750000001 implements MigrationInterface {
  name = 'RemovedEvidence1795750000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE dispute_document ADD COLUMN "contentRemovedAt" timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE dispute_document DROP COLUMN "contentRemovedAt"');
  }
}
