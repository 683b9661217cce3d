import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Two people who share a card or a bank account, as accounts told. What it is that they share is not known here. */
@Entity('person_link')
@Check('person_link_order', `"lowId" < "highId"`)
@Check('person_link_kind', `"by" IN ('CARD', 'BANK_ACCOUNT', 'DEVICE')`)
@Index('person_link_high', ['highId', 'lowId'])
export class LinkEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'person_link_pkey' })
  lowId: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'person_link_pkey' })
  highId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'person_link_pkey' })
  by: string;

  @Column('timestamptz')
  at: Date;
}
