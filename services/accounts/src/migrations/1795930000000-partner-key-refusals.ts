import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which keys of partners' clients are refused, and since when: the tokens of the other keys go on. */
export class PartnerKeyRefusals1795930000000 implements MigrationInterface {
  name = 'PartnerKeyRefusals1795930000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE partner_client_copy ADD "keysRefusedAt" timestamptz, ADD "wholeRefusedAt" timestamptz;
      CREATE TABLE partner_key_refusal (
        "clientId" uuid NOT NULL CONSTRAINT partner_key_refusal_client REFERENCES partner_client_copy,
        kid text NOT NULL,
        "refusedAt" timestamptz NOT NULL,
        CONSTRAINT partner_key_refusal_pkey PRIMARY KEY ("clientId", kid)
      );
      CREATE INDEX partner_key_refusal_refused_at ON partner_key_refusal ("refusedAt");
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE partner_key_refusal; ALTER TABLE partner_client_copy DROP "keysRefusedAt", DROP "wholeRefusedAt"');
  }
}
