import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { PersonEntity } from './person.entity';

/** What proves that somebody is a person: the argon2id hash of the password, with its parameters. */
@Entity('credential')
@Check('credential_argon2id', `"passwordHash" LIKE '$argon2id$%'`)
export class CredentialEntity {
  @ForeignKey(() => PersonEntity, { name: 'credential_person' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'credential_pkey' })
  personId: string;

  @Column('text')
  passwordHash: string;

  @Column('timestamptz')
  changedAt: Date;
}
