import { sealedColumnIndex } from '@tael/platform/reseal';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Contacts that can come under a new key, and people whose contact is not known because its key is gone. */
export class KeysThatTurn1764000000000 implements MigrationInterface {
  readonly name = 'KeysThatTurn1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE person ALTER COLUMN contact DROP NOT NULL');
    await runner.query(sealedColumnIndex({ table: 'person', column: 'contact' }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX person_contact_sealed_by');
  }
}
