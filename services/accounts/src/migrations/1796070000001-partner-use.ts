import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What partners have used of their rates, by all gateways. Unlogged: written several times a second while a bank works, and worth nothing after a crash,
 * which gives a bank a full bucket.
 */
export class PartnerUse1796070000001 implements MigrationInterface {
  name = 'PartnerUse1796070000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE UNLOGGED TABLE partner_use (
        "partnerId" uuid CONSTRAINT partner_use_pkey PRIMARY KEY,
        missing double precision NOT NULL CONSTRAINT partner_use_missing CHECK (missing >= 0),
        "countedAt" timestamptz NOT NULL
      ) WITH (fillfactor = 50)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE partner_use');
  }
}
