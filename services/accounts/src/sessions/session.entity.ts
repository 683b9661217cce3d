import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { PersonEntity } from '../people/person.entity';
import type { SessionEnd } from './session.domain';

/** A family of refresh tokens that descend from one sign-in. It ends as a whole. */
@Entity('session')
@Check('session_end', `("endedAt" IS NULL) = ("endReason" IS NULL)`)
@Check('session_end_reason', 'the reason is known')
@Index('session_network_sealed_by', { synchronize: false })
@Check('session_network_sealed', `network LIKE 'v1.%'`)
@Index('session_with_network', ['startedAt'], { where: 'network IS NOT NULL' })
@Index('session_person_id', ['personId'])
@Index('session_ended_at', ['endedAt'], { where: '"endedAt" IS NOT NULL' })
export class SessionEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'session_pkey' })
  id: string;

  @ForeignKey(() => PersonEntity, { name: 'session_person' })
  @Column('uuid')
  personId: string;

  @Column('timestamptz')
  startedAt: Date;

  @Column('timestamptz', { nullable: true })
  endedAt: Date | null;

  @Column('text', { nullable: true })
  endReason: SessionEnd | null;

  /** What signed in, in words of device.domain; null where the session began before it was asked. */
  @Column('text', { nullable: true })
  browser: string | null;

  @Column('text', { nullable: true })
  platform: string | null;

  /** The network of the address it began from, sealed for the person; forgotten once the session has ended by its age. */
  @Column('text', { nullable: true })
  network: string | null;

  /** The device that it began on; that may be forgotten since. Null at doors that keep no marks. */
  @Column('uuid', { nullable: true })
  deviceId: string | null;

  /** When its refresh token was last exchanged; null before the first time. */
  @Column('timestamptz', { nullable: true })
  lastUsedAt: Date | null;
}

/** A refresh token, kept as its SHA-256 alone: who reads this table cannot use it. */
@Entity('refresh_token')
@Check('refresh_token_hash', 'octet_length(hash) = 32')
@Index('refresh_token_session_id', ['sessionId'])
export class RefreshTokenEntity {
  @PrimaryColumn('bytea', { primaryKeyConstraintName: 'refresh_token_pkey' })
  hash: Buffer;

  @ForeignKey(() => SessionEntity, { name: 'refresh_token_session' })
  @Column('uuid')
  sessionId: string;

  @Column('timestamptz')
  issuedAt: Date;

  @Column('timestamptz')
  expiresAt: Date;

  @Column('timestamptz', { nullable: true })
  usedAt: Date | null;
}
