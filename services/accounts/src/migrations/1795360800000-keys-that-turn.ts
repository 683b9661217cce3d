import { sealedColumnIndex } from '@tael/platform/reseal';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LEDGER_RESEAL } from '../ledger/ledger-reseal.sql';

const SEALED = [
  ['person', 'email'], ['person', 'displayName'], ['session', 'network'], ['totp_factor', 'secret'], ['recovery_code', 'codeKey'],
  ['payment_method', 'token'], ['payment_method', 'fingerprintKey'], ['ledger_tx', 'description'],
] as const;

/** What is needed so that everything comes under a new key: whose key a value stands under, and an index on it. */
export class KeysThatTurn1795360800000 implements MigrationInterface {
  name = 'KeysThatTurn1795360800000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE person ADD COLUMN "emailIndexKey" text NOT NULL DEFAULT '';
      CREATE INDEX person_email_index_key_id ON person ("emailIndexKey");
      ALTER TABLE recovery_code ADD COLUMN "codeKey" text CONSTRAINT recovery_code_key_sealed CHECK ("codeKey" LIKE 'v1.%');
      CREATE INDEX recovery_code_keyless ON recovery_code ("personId") WHERE "codeKey" IS NULL;
      ALTER TABLE payment_method
        ADD COLUMN "fingerprintKey" text CONSTRAINT payment_method_fingerprint_key_sealed CHECK ("fingerprintKey" LIKE 'v1.%');
      CREATE INDEX payment_method_keyless ON payment_method (id) WHERE "fingerprintKey" IS NULL;`);
    for (const [table, column] of SEALED) await runner.query(sealedColumnIndex({ table, column }));
    await runner.query(LEDGER_RESEAL);
  }

  async down(): Promise<void> {
    throw new Error('cards and recovery codes would no longer be known');
  }
}
