import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What notifications keeps of a person: how and where to write to them. */
@Entity('person')
export class PersonEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'person_pkey' })
  id: string;

  /** BCP 47. */
  @Column('text')
  locale: string;

  /** IANA zone. */
  @Column('text')
  timeZone: string;

  /** JSON {"displayName","email"}, sealed for the person. */
  @Column('text')
  contact: string;

  @Column('timestamptz')
  registeredAt: Date;
}
