import { buildIndexBeside, dropIndexBeside } from '@tael/platform/postgres';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const REVOKED = { name: 'partner_key_revoked', definition: 'ON partner_key ("revokedAt") WHERE "revokedAt" IS NOT NULL' };

/** Finds the keys of partners that were revoked of late: gateways ask for them every other second. */
export class RevokedKeys1796070000001 implements MigrationInterface {
  name = 'RevokedKeys1796070000001';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndexBeside(runner, REVOKED);
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndexBeside(runner, REVOKED.name);
  }
}
