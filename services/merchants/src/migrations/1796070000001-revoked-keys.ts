import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the keys of partners that were revoked of late: gateways ask for them every other second. */
export class RevokedKeys1796070000001 implements MigrationInterface {
  name = 'RevokedKeys1796070000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX partner_key_revoked ON partner_key ("revokedAt") WHERE "revokedAt" IS NOT NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX partner_key_revoked');
  }
}
