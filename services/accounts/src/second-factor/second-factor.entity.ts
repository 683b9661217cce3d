import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { PersonEntity } from '../people/person.entity';

/** A person's authenticator app. Without `confirmedAt` it was begun and counts for nothing yet. */
@Entity('totp_factor')
@Index('totp_factor_secret_sealed_by', { synchronize: false })
@Check('totp_factor_sealed', `secret LIKE 'v1.%'`)
export class TotpFactorEntity {
  @ForeignKey(() => PersonEntity, { name: 'totp_factor_person' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'totp_factor_pkey' })
  personId: string;

  /** The shared secret in base32, sealed for the person. */
  @Column('text')
  secret: string;

  /** The newest time step whose code was taken: no code of it or of an earlier one is taken again. */
  @Column(bigintColumn)
  lastStep: bigint;

  @Column('timestamptz')
  begunAt: Date;

  @Column('timestamptz', { nullable: true })
  confirmedAt: Date | null;
}

/** A code for whoever has lost the app, as its fingerprint. Works once. */
@Entity('recovery_code')
@Index('recovery_code_code_key_sealed_by', { synchronize: false })
@Index('recovery_code_keyless', ['personId'], { where: '"codeKey" IS NULL' })
@Check('recovery_code_key_sealed', `"codeKey" LIKE 'v1.%'`)
@Check('recovery_code_hashed', 'length("codeIndex") = 43')
export class RecoveryCodeEntity {
  @ForeignKey(() => PersonEntity, { name: 'recovery_code_person' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'recovery_code_pkey' })
  personId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'recovery_code_pkey' })
  codeIndex: string;

  /** The key of the fingerprint, sealed for the person; without one, `codeIndex` is a name under the ring's oldest key. */
  @Column('text', { nullable: true })
  codeKey: string | null;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  usedAt: Date | null;
}

/** A sign-in whose password was right and whose second step is still to come; kept as the SHA-256 of its token. */
@Entity('sign_in_challenge')
@Check('sign_in_challenge_hash', 'octet_length(hash) = 32')
@Index('sign_in_challenge_person_id', ['personId'])
export class SignInChallengeEntity {
  @PrimaryColumn('bytea', { primaryKeyConstraintName: 'sign_in_challenge_pkey' })
  hash: Buffer;

  @ForeignKey(() => PersonEntity, { name: 'sign_in_challenge_person' })
  @Column('uuid')
  personId: string;

  @Column('timestamptz')
  expiresAt: Date;
}
