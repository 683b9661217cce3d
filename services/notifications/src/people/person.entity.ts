import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What notifications keeps of a person: how and where to write to them. */
@Entity('person')
@Index('person_contact_sealed_by', { synchronize: false })
export class PersonEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'person_pkey' })
  id: string;

  /** BCP 47. */
  @Column('text')
  locale: string;

  /** IANA zone. */
  @Column('text')
  timeZone: string;

  /** JSON {"displayName","email"}, sealed for the person; null where their event came after its key was destroyed. */
  @Column('text', { nullable: true })
  contact: string | null;

  @Column('timestamptz')
  registeredAt: Date;
}
