import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A person as accounts told of them; name and mail address stay sealed. */
@Entity('person')
@Index('person_contact_sealed_by', { synchronize: false })
export class PersonEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'person_pkey' })
  id: string;

  /** Sealed for the person; null where the event that told of them came after its key was destroyed. */
  @Column('text', { nullable: true })
  contact: string | null;

  @Column('timestamptz')
  registeredAt: Date;
}
