import { sealedColumnIndex } from '@tael/platform/reseal';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const OPEN = `('DRAFT', 'SUBMITTED', 'IN_REVIEW', 'NEEDS_MORE')`;

/** Applications of merchants with their documents, and when a merchant was verified. Nobody is at first. */
export class Onboarding1764240000000 implements MigrationInterface {
  name = 'Onboarding1764240000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE merchant ADD COLUMN "verifiedAt" timestamptz;
      CREATE TABLE merchant_application (
        id uuid CONSTRAINT merchant_application_pkey PRIMARY KEY,
        "applicantId" uuid NOT NULL,
        "merchantId" uuid,
        status text NOT NULL,
        details text,
        message text,
        "reviewerId" uuid,
        "createdAt" timestamptz NOT NULL,
        "updatedAt" timestamptz NOT NULL,
        "submittedAt" timestamptz,
        "decidedAt" timestamptz,
        "erasedAt" timestamptz,
        CONSTRAINT merchant_application_status_known
          CHECK (status IN ('DRAFT', 'SUBMITTED', 'IN_REVIEW', 'NEEDS_MORE', 'APPROVED', 'REJECTED', 'WITHDRAWN')),
        CONSTRAINT merchant_application_reviewer CHECK ("reviewerId" IS NOT NULL OR status IN ('DRAFT', 'SUBMITTED', 'NEEDS_MORE', 'WITHDRAWN')),
        CONSTRAINT merchant_application_not_own CHECK ("reviewerId" <> "applicantId"),
        CONSTRAINT merchant_application_approved CHECK (status <> 'APPROVED' OR "merchantId" IS NOT NULL),
        CONSTRAINT merchant_application_erased CHECK (details IS NOT NULL OR "erasedAt" IS NOT NULL)
      );
      CREATE INDEX merchant_application_of_applicant ON merchant_application ("applicantId", id);
      CREATE INDEX merchant_application_by_status ON merchant_application (status, id);
      CREATE UNIQUE INDEX merchant_application_one_open ON merchant_application ("merchantId") WHERE "merchantId" IS NOT NULL AND status IN ${OPEN};
      CREATE INDEX merchant_application_kept ON merchant_application ("updatedAt")
        WHERE "erasedAt" IS NULL AND status IN ('DRAFT', 'NEEDS_MORE', 'REJECTED');
      ${sealedColumnIndex({ table: 'merchant_application', column: 'details' })};
      ${sealedColumnIndex({ table: 'merchant_application', column: 'message' })};`);
    await this.createDocuments(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE merchant_document_chunk, merchant_document, merchant_application; ALTER TABLE merchant DROP COLUMN "verifiedAt"');
  }

  private async createDocuments(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE merchant_document (
        id uuid CONSTRAINT merchant_document_pkey PRIMARY KEY,
        "applicationId" uuid NOT NULL,
        kind text NOT NULL,
        size integer NOT NULL,
        sha256 bytea NOT NULL,
        "mediaType" text,
        "nextChunk" integer NOT NULL,
        message text,
        "createdAt" timestamptz NOT NULL,
        "storedAt" timestamptz,
        CONSTRAINT merchant_document_kind_known CHECK (kind IN ('REGISTRATION', 'OWNER_IDENTITY', 'BANK_PROOF', 'PREMISES')),
        CONSTRAINT merchant_document_media_type_known CHECK ("mediaType" IN ('application/pdf', 'image/png', 'image/jpeg')),
        CONSTRAINT merchant_document_size_range CHECK (size BETWEEN 1 AND 5242880),
        CONSTRAINT merchant_document_chunks CHECK ("nextChunk" BETWEEN 0 AND 40),
        CONSTRAINT merchant_document_stored CHECK ("storedAt" IS NULL OR "mediaType" IS NOT NULL)
      );
      CREATE UNIQUE INDEX merchant_document_once ON merchant_document ("applicationId", kind, sha256);
      ${sealedColumnIndex({ table: 'merchant_document', column: 'message' })};
      CREATE TABLE merchant_document_chunk (
        id uuid CONSTRAINT merchant_document_chunk_pkey PRIMARY KEY,
        "documentId" uuid NOT NULL,
        number integer NOT NULL,
        content text NOT NULL
      );
      CREATE UNIQUE INDEX merchant_document_chunk_once ON merchant_document_chunk ("documentId", number);
      ${sealedColumnIndex({ table: 'merchant_document_chunk', column: 'content' })};`);
  }
}
