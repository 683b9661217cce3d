import { Check, Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { PartnerEntity } from '../partners/partner.entity';

/** A document that a partner bank may run in production, by the sum of its text. It is never changed, since another text has another sum; it is gone once it was withdrawn. */
@Entity('partner_document')
@Check('partner_document_sum', `sum = encode(sha256(convert_to(text, 'UTF8')), 'hex')`)
@Check('partner_document_size', 'octet_length(text) BETWEEN 1 AND 16384')
export class PartnerDocumentEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'partner_document_pkey' })
  partnerId: string;

  /** SHA-256 of the text in UTF-8, in hex. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'partner_document_pkey' })
  sum: string;

  @Column('text')
  text: string;

  @Column('timestamptz')
  publishedAt: Date;

  /** The client that published it first. */
  @Column('uuid')
  publishedBy: string;

  @ManyToOne(() => PartnerEntity, { nullable: false })
  @JoinColumn({ name: 'partnerId', foreignKeyConstraintName: 'partner_document_partner' })
  partner: PartnerEntity;
}
