import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The documents that partner banks may run in production. */
export class PartnerDocuments1764250000000 implements MigrationInterface {
  name = 'PartnerDocuments1764250000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE partner_document (
        "partnerId" uuid NOT NULL CONSTRAINT partner_document_partner REFERENCES partner (id),
        sum text NOT NULL,
        text text NOT NULL,
        "publishedAt" timestamptz NOT NULL,
        "publishedBy" uuid NOT NULL,
        CONSTRAINT partner_document_pkey PRIMARY KEY ("partnerId", sum),
        CONSTRAINT partner_document_sum CHECK (sum = encode(sha256(convert_to(text, 'UTF8')), 'hex')),
        CONSTRAINT partner_document_size CHECK (octet_length(text) BETWEEN 1 AND 16384)
      )`);
    // Every partner is told of again, now with its environment: what was sent before does not say it.
    await runner.query(`UPDATE partner SET "toldUnder" = ''`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE partner_document');
  }
}
