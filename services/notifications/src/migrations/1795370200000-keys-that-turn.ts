import { sealedColumnIndex } from '@tael/platform/reseal';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const SEALED = [
  ['person', 'contact'], ['merchant', 'name'], ['push_subscription', 'target'], ['notification', 'content'],
  ['unsubscribe_link', 'secret'],
] as const;

/** What can come under a new key, and what is not known because its key is gone. */
export class KeysThatTurn1795370200000 implements MigrationInterface {
  name = 'KeysThatTurn1795370200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE person ALTER COLUMN contact DROP NOT NULL;
      ALTER TABLE merchant ALTER COLUMN name DROP NOT NULL;
      ALTER TABLE push_subscription ADD COLUMN "endpointIndexKey" text NOT NULL DEFAULT '';
      CREATE TABLE unsubscribe_link (
        "personId" uuid CONSTRAINT unsubscribe_link_pkey PRIMARY KEY, secret text NOT NULL
      );
      CREATE INDEX push_subscription_endpoint_key_id ON push_subscription ("endpointIndexKey");`);
    for (const [table, column] of SEALED) await runner.query(sealedColumnIndex({ table, column }));
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
