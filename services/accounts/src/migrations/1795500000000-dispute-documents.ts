import { sealedColumnIndex } from '@tael/platform/reseal';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Documents that the sides of a dispute hand in as evidence. */
export class DisputeDocuments1795500000000 implements MigrationInterface {
  name = 'DisputeDocuments1795500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE dispute_document (
        id uuid CONSTRAINT dispute_document_pkey PRIMARY KEY,
        "disputeId" uuid NOT NULL CONSTRAINT dispute_document_dispute REFERENCES dispute,
        side text NOT NULL,
        kind text NOT NULL,
        size integer NOT NULL,
        sha256 bytea NOT NULL,
        "mediaType" text,
        "nextChunk" integer NOT NULL,
        "addedBy" uuid NOT NULL,
        "createdAt" timestamptz NOT NULL,
        "storedAt" timestamptz,
        CONSTRAINT dispute_document_side_known CHECK (side IN ('PERSON', 'MERCHANT')),
        CONSTRAINT dispute_document_kind_known CHECK (kind IN ('RECEIPT', 'PROOF_OF_DELIVERY', 'CORRESPONDENCE', 'PHOTOGRAPH', 'OTHER')),
        CONSTRAINT dispute_document_media_type_known CHECK ("mediaType" IN ('application/pdf', 'image/png', 'image/jpeg')),
        CONSTRAINT dispute_document_size_range CHECK (size BETWEEN 1 AND 5242880),
        CONSTRAINT dispute_document_chunks CHECK ("nextChunk" BETWEEN 0 AND 40),
        CONSTRAINT dispute_document_stored CHECK ("storedAt" IS NULL OR "mediaType" IS NOT NULL)
      );
      CREATE UNIQUE INDEX dispute_document_once ON dispute_document ("disputeId", side, kind, sha256);
      CREATE INDEX dispute_document_unfinished ON dispute_document ("createdAt") WHERE "storedAt" IS NULL;
      CREATE TABLE dispute_document_count (
        "personId" uuid NOT NULL,
        day date NOT NULL,
        announced integer NOT NULL,
        CONSTRAINT dispute_document_count_pkey PRIMARY KEY ("personId", day),
        CONSTRAINT dispute_document_count_positive CHECK (announced > 0)
      );
      CREATE TABLE dispute_document_chunk (
        id uuid CONSTRAINT dispute_document_chunk_pkey PRIMARY KEY,
        "documentId" uuid NOT NULL CONSTRAINT dispute_document_chunk_document REFERENCES dispute_document,
        number integer NOT NULL,
        content text NOT NULL
      );
      CREATE UNIQUE INDEX dispute_document_chunk_once ON dispute_document_chunk ("documentId", number);
      ${sealedColumnIndex({ table: 'dispute_document_chunk', column: 'content' })};`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE dispute_document_chunk, dispute_document_count, dispute_document');
  }
}
