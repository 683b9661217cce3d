import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A person as accounts told of them; name and mail address stay sealed. */
@Entity('person')
export class PersonEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'person_pkey' })
  id: string;

  @Column('text')
  contact: string;

  @Column('timestamptz')
  registeredAt: Date;
}
