import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { PersonEntity } from '../people/person.entity';

/** A wish for a new password by who has forgotten theirs. One stands here for an address of nobody, too: both take the same work. */
@Entity('password_reset')
@Index('password_reset_person_id', ['personId'], { where: '"usedAt" IS NULL' })
@Index('password_reset_expires_at', ['expiresAt'])
@Check('password_reset_code', 'octet_length(code) = 32')
export class PasswordResetEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'password_reset_pkey' })
  id: string;

  /** Null where nobody has the address. */
  @ForeignKey(() => PersonEntity, { name: 'password_reset_person' })
  @Column('uuid', { nullable: true })
  personId: string | null;

  /** SHA-256 of the code that was mailed. */
  @Column('bytea')
  code: Buffer;

  @Column('timestamptz')
  expiresAt: Date;

  /** When it was used, or was over with because the password changed otherwise. */
  @Column('timestamptz', { nullable: true })
  usedAt: Date | null;
}
