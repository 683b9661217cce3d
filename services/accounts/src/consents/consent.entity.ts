import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { PartnerClientCopyEntity, PartnerCopyEntity } from '../partners/partner-copy.entity';
import { PersonEntity } from '../people/person.entity';
import type { ConsentEnding } from './consent.domain';

/** The name under which a bank knows a person: another one for each bank, so that two of them cannot compare. */
@Entity('partner_subject')
export class PartnerSubjectEntity {
  @ForeignKey(() => PartnerCopyEntity, { name: 'partner_subject_partner' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'partner_subject_pkey' })
  partnerId: string;

  @ForeignKey(() => PersonEntity, { name: 'partner_subject_person' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'partner_subject_pkey' })
  personId: string;

  @Index('partner_subject_subject', { unique: true })
  @Column('uuid')
  subject: string;
}

/** What a person lets a bank see: which data, of which wallets, until when. */
@Entity('consent')
@ForeignKey(() => PartnerSubjectEntity, ['partnerId', 'personId'], ['partnerId', 'personId'], { name: 'consent_subject' })
@Check('consent_scopes', `cardinality(scopes) > 0 AND scopes <@ ARRAY['wallets:read', 'transactions:read']`)
@Check('consent_wallets', 'cardinality("walletIds") > 0')
@Check('consent_time', `"expiresAt" > "givenAt" AND "expiresAt" <= "givenAt" + interval '2160 hours'`)
@Check('consent_withdrawn', '("withdrawnAt" IS NULL) = ("withdrawnBy" IS NULL)')
@Check('consent_withdrawn_by', `"withdrawnBy" IN ('PERSON', 'CODE_REUSED', 'OPERATOR')`)
@Index('consent_of_person', ['personId', 'id'])
@Index('consent_of_partner', ['partnerId', 'id'])
@Index('consent_standing_of_partner', ['partnerId', 'id', 'expiresAt'], { where: '"withdrawnAt" IS NULL' })
@Index('consent_standing', ['id', 'expiresAt'], { where: '"withdrawnAt" IS NULL' })
@Index('consent_withdrawn_of_partner', ['partnerId', 'id', 'withdrawnAt'], { where: '"withdrawnAt" IS NOT NULL' })
@Index('consent_withdrawn_newest', ['id', 'withdrawnAt'], { where: '"withdrawnAt" IS NOT NULL' })
export class ConsentEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'consent_pkey' })
  id: string;

  @Column('uuid')
  partnerId: string;

  @ForeignKey(() => PartnerClientCopyEntity, { name: 'consent_client' })
  @Column('uuid')
  clientId: string;

  @Column('uuid')
  personId: string;

  /** The pushed request that it answers, hashed: one request, one consent. */
  @Index('consent_request', { unique: true })
  @Column('text')
  requestId: string;

  @Column('text', { array: true })
  scopes: string[];

  @Column('uuid', { array: true })
  walletIds: string[];

  @Column('timestamptz')
  givenAt: Date;

  @Column('timestamptz')
  expiresAt: Date;

  @Column('timestamptz', { nullable: true })
  withdrawnAt: Date | null;

  @Column('text', { nullable: true })
  withdrawnBy: ConsentEnding['who'] | null;
}

/** What became of a consent, for ever. */
@Entity('consent_change')
@Check('consent_change_known', `change IN ('GIVEN', 'WITHDRAWN')`)
@Index('consent_change_of_consent', ['consentId', 'id'])
export class ConsentChangeEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'consent_change_pkey' })
  id: string;

  @ForeignKey(() => ConsentEntity, { name: 'consent_change_consent' })
  @Column('uuid')
  consentId: string;

  @Column('timestamptz')
  at: Date;

  @Column('text')
  change: 'GIVEN' | 'WITHDRAWN';

  /** The session in which the person said so; null where nobody did. */
  @Column('uuid', { nullable: true })
  sessionId: string | null;

  @Column('jsonb')
  state: object;
}
