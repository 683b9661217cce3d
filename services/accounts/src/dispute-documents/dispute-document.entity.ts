import type { MediaType } from '@tael/platform/uploads';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { DisputeEntity } from '../disputes/dispute.entity';
import type { DisputeSide, EvidenceKind } from './dispute-document.domain';

/** A file that a side of a dispute hands in as evidence. */
@Entity('dispute_document')
@Check('dispute_document_side_known', `side IN ('PERSON', 'MERCHANT')`)
@Check('dispute_document_kind_known', `kind IN ('RECEIPT', 'PROOF_OF_DELIVERY', 'CORRESPONDENCE', 'PHOTOGRAPH', 'OTHER')`)
@Check('dispute_document_media_type_known', `"mediaType" IN ('application/pdf', 'image/png', 'image/jpeg')`)
@Check('dispute_document_size_range', 'size BETWEEN 1 AND 5242880')
@Check('dispute_document_chunks', '"nextChunk" BETWEEN 0 AND 40')
@Check('dispute_document_stored', '"storedAt" IS NULL OR "mediaType" IS NOT NULL')
@Index('dispute_document_once', ['disputeId', 'side', 'kind', 'sha256'], { unique: true })
@Index('dispute_document_unfinished', ['createdAt'], { where: '"storedAt" IS NULL' })
@Index('dispute_document_kept', ['storedAt'], { where: '"storedAt" IS NOT NULL AND "contentRemovedAt" IS NULL' })
export class DisputeDocumentEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'dispute_document_pkey' })
  id: string;

  @ForeignKey(() => DisputeEntity, { name: 'dispute_document_dispute' })
  @Column('uuid')
  disputeId: string;

  @Column('text')
  side: DisputeSide;

  @Column('text')
  kind: EvidenceKind;

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

  @Column('uuid')
  addedBy: string;

  @Column('timestamptz')
  createdAt: Date;

  /** When all of it was here and its sum was right. */
  @Column('timestamptz', { nullable: true })
  storedAt: Date | null;

  /** When what is in it was removed, a time after the end of its dispute. */
  @Column('timestamptz', { nullable: true })
  contentRemovedAt: Date | null;
}

/** A document that was withdrawn: it is gone, and whoever could withdraw it does so again with the same answer. */
@Entity('dispute_document_withdrawn')
@Check('dispute_document_withdrawn_side', `side IN ('PERSON', 'MERCHANT')`)
export class WithdrawnDisputeDocumentEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'dispute_document_withdrawn_pkey' })
  documentId: string;

  @ForeignKey(() => DisputeEntity, { name: 'dispute_document_withdrawn_dispute' })
  @Column('uuid')
  disputeId: string;

  @Column('text')
  side: DisputeSide;

  @Column('timestamptz')
  at: Date;
}

/** How many documents a person announced on a day. */
@Entity('dispute_document_count')
@Check('dispute_document_count_positive', 'announced > 0')
export class DisputeDocumentCountEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'dispute_document_count_pkey' })
  personId: string;

  @PrimaryColumn('date', { primaryKeyConstraintName: 'dispute_document_count_pkey' })
  day: string;

  @Column('integer')
  announced: number;
}

/** A part of a document, as base64, sealed for the document. */
@Entity('dispute_document_chunk')
@Index('dispute_document_chunk_once', ['documentId', 'number'], { unique: true })
@Index('dispute_document_chunk_content_sealed_by', { synchronize: false })
export class DisputeDocumentChunkEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'dispute_document_chunk_pkey' })
  id: string;

  @ForeignKey(() => DisputeDocumentEntity, { name: 'dispute_document_chunk_document' })
  @Column('uuid')
  documentId: string;

  @Column('integer')
  number: number;

  @Column('text')
  content: string;
}
