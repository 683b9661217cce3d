import type { MediaType } from '@tael/platform/uploads';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { ApplicationStatus } from './application.domain';
import type { DocumentKind } from './document.domain';

/** Somebody's wish that a business may be paid, and paid out. */
@Entity('merchant_application')
@Check('merchant_application_status_known', `status IN ('DRAFT', 'SUBMITTED', 'IN_REVIEW', 'NEEDS_MORE', 'APPROVED', 'REJECTED', 'WITHDRAWN')`)
@Check('merchant_application_reviewer', `"reviewerId" IS NOT NULL OR status IN ('DRAFT', 'SUBMITTED', 'NEEDS_MORE', 'WITHDRAWN')`)
@Check('merchant_application_not_own', `"reviewerId" <> "applicantId"`)
@Check('merchant_application_approved', `status <> 'APPROVED' OR "merchantId" IS NOT NULL`)
@Check('merchant_application_erased', `details IS NOT NULL OR "erasedAt" IS NOT NULL`)
@Index('merchant_application_of_applicant', ['applicantId', 'id'])
@Index('merchant_application_by_status', ['status', 'id'])
@Index('merchant_application_one_open', ['merchantId'], {
  unique: true, where: `"merchantId" IS NOT NULL AND status IN ('DRAFT', 'SUBMITTED', 'IN_REVIEW', 'NEEDS_MORE')`,
})
@Index('merchant_application_kept', ['updatedAt'], { where: `"erasedAt" IS NULL AND status IN ('DRAFT', 'NEEDS_MORE', 'REJECTED')` })
@Index('merchant_application_details_sealed_by', { synchronize: false })
@Index('merchant_application_message_sealed_by', { synchronize: false })
export class ApplicationEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'merchant_application_pkey' })
  id: string;

  @Column('uuid')
  applicantId: string;

  /** The merchant that is to be verified, or that an approval made. */
  @Column('uuid', { nullable: true })
  merchantId: string | null;

  @Column('text')
  status: ApplicationStatus;

  /** What the applicant says, sealed for the application; null once it was erased. */
  @Column('text', { nullable: true })
  details: string | null;

  /** What the reviewer tells the applicant, sealed for the application. */
  @Column('text', { nullable: true })
  message: string | null;

  @Column('uuid', { nullable: true })
  reviewerId: string | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  updatedAt: Date;

  @Column('timestamptz', { nullable: true })
  submittedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  decidedAt: Date | null;

  @Column('timestamptz', { nullable: true })
  erasedAt: Date | null;
}

/** A file that goes with an application. */
@Entity('merchant_document')
@Check('merchant_document_kind_known', `kind IN ('REGISTRATION', 'OWNER_IDENTITY', 'BANK_PROOF', 'PREMISES')`)
@Check('merchant_document_media_type_known', `"mediaType" IN ('application/pdf', 'image/png', 'image/jpeg')`)
@Check('merchant_document_size_range', 'size BETWEEN 1 AND 5242880')
@Check('merchant_document_chunks', '"nextChunk" BETWEEN 0 AND 40')
@Check('merchant_document_stored', '"storedAt" IS NULL OR "mediaType" IS NOT NULL')
@Index('merchant_document_once', ['applicationId', 'kind', 'sha256'], { unique: true })
@Index('merchant_document_message_sealed_by', { synchronize: false })
export class DocumentEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'merchant_document_pkey' })
  id: string;

  @Column('uuid')
  applicationId: string;

  @Column('text')
  kind: DocumentKind;

  @Column('integer')
  size: number;

  @Column('bytea')
  sha256: Buffer;

  /** What it is by how it begins; null until then. */
  @Column('text', { nullable: true })
  mediaType: MediaType | null;

  @Column('integer')
  nextChunk: number;

  /** How often a last chunk came that was wrong. */
  @Column('integer', { default: 0 })
  wrongSums: number;

  /** Why the reviewer wants another, sealed for the document. */
  @Column('text', { nullable: true })
  message: string | null;

  @Column('timestamptz')
  createdAt: Date;

  /** When all of it was here and its sum was right. */
  @Column('timestamptz', { nullable: true })
  storedAt: Date | null;
}

/** A document that was taken out: it is gone, and its applicant does so again with the same answer. */
@Entity('merchant_document_removed')
export class RemovedDocumentEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'merchant_document_removed_pkey' })
  documentId: string;

  @ForeignKey(() => ApplicationEntity, { name: 'merchant_document_removed_application' })
  @Column('uuid')
  applicationId: string;

  @Column('timestamptz')
  at: Date;
}

/** A part of a document, as base64, sealed for the document. */
@Entity('merchant_document_chunk')
@Index('merchant_document_chunk_once', ['documentId', 'number'], { unique: true })
@Index('merchant_document_chunk_content_sealed_by', { synchronize: false })
export class DocumentChunkEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'merchant_document_chunk_pkey' })
  id: string;

  @Column('uuid')
  documentId: string;

  @Column('integer')
  number: number;

  @Column('text')
  content: string;
}
