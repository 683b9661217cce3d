import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Documents of disputes whose content is kept, the oldest first, as the loop that removes it looks for them. */
export class KeptEvidence1795750000002 implements MigrationInterface {
  name = 'KeptEvidence1795750000002';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, {
      name: 'dispute_document_kept', definition: 'ON dispute_document ("storedAt") WHERE "storedAt" IS NOT NULL AND "contentRemovedAt" IS NULL',
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, 'dispute_document_kept');
  }
}
