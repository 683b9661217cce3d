import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What a person's links to stop offers are known by: the same in every mail, whatever keys turn. */
@Entity('unsubscribe_link')
@Index('unsubscribe_link_secret_sealed_by', { synchronize: false })
export class UnsubscribeLinkEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'unsubscribe_link_pkey' })
  personId: string;

  /** Random, base64url, sealed for the person. */
  @Column('text')
  secret: string;
}
