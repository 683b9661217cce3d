import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who lost the second factor and its recovery codes comes back, slowly. Instances of the release before take a factor away without a look at this table. */
export class FactorRemovals1796060000000 implements MigrationInterface {
  name = 'FactorRemovals1796060000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE factor_removal (
        "personId" uuid CONSTRAINT factor_removal_pkey PRIMARY KEY CONSTRAINT factor_removal_factor REFERENCES totp_factor ON DELETE CASCADE,
        code bytea NOT NULL CONSTRAINT factor_removal_code CHECK (octet_length(code) = 32),
        "codeExpiresAt" timestamptz NOT NULL,
        "removesAt" timestamptz
      );
      CREATE INDEX factor_removal_due ON factor_removal ("removesAt") WHERE "removesAt" IS NOT NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE factor_removal');
  }
}
