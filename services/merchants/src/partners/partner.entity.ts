import { Check, Column, Entity, Index, JoinColumn, ManyToOne, OneToMany, PrimaryColumn, Unique } from 'typeorm';
import type {
  ClientAuthentication,
  ClientStatus,
  KeyStatus,
  PartnerEnvironment,
  PartnerStatus,
} from './partner.domain';
import type { PublicJwk } from './partner-key.domain';

/** A bank that uses Tael. */
@Entity('partner')
@Check('partner_status_known', `status IN ('ACTIVE', 'SUSPENDED')`)
@Check('partner_environment_known', `environment IN ('SANDBOX', 'PRODUCTION')`)
@Check('partner_name_length', 'char_length(name) BETWEEN 1 AND 120')
@Check('partner_rate_positive', '"ratePerSecond" > 0 AND "rateBurst" >= "ratePerSecond"')
@Check('partner_cost_max_positive', '"rateCostMax" > 0')
@Check('partner_version_positive', 'version > 0')
@Index('partner_told_under', ['toldUnder'])
export class PartnerEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'partner_pkey' })
  id: string;

  @Column('text')
  name: string;

  /** The name as a search compares it. */
  @Column('text')
  searchName: string;

  @Column('text')
  environment: PartnerEnvironment;

  @Column('text')
  status: PartnerStatus;

  /** Units of cost a second that the door may be asked for. */
  @Column('integer')
  ratePerSecond: number;

  @Column('integer')
  rateBurst: number;

  /** What one operation may cost; null for what everybody may. */
  @Column('integer', { nullable: true })
  rateCostMax: number | null;

  /** Grows by one with every change, under the lock of the row; `partner.changed` carries it. */
  @Column('integer')
  version: number;

  /** The id of the key that sealed the name in the newest `partner.changed`. */
  @Column('text')
  toldUnder: string;

  @Column('timestamptz')
  createdAt: Date;

  @OneToMany(() => PartnerClientEntity, (client) => client.partner)
  clients: PartnerClientEntity[];
}

/** The right to register one client of a partner, once. Whoever has the code has it; here is its hash alone. */
@Entity('partner_invitation')
@Index('partner_invitation_code', ['codeHash'], { unique: true })
@Index('partner_invitation_of_partner', ['partnerId', 'id'])
export class PartnerInvitationEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'partner_invitation_pkey' })
  id: string;

  @Column('uuid')
  partnerId: string;

  /** SHA-256 in base64url. The code is 256 random bits, so that a plain hash does. */
  @Column('text')
  codeHash: string;

  /** The scopes of the client that is registered with it. */
  @Column('text', { array: true })
  scopes: string[];

  @Column('timestamptz')
  expiresAt: Date;

  @Column('timestamptz', { nullable: true })
  usedAt: Date | null;

  @ManyToOne(() => PartnerEntity, { nullable: false })
  @JoinColumn({ name: 'partnerId', foreignKeyConstraintName: 'partner_invitation_partner' })
  partner: PartnerEntity;
}

/** A program of a partner that signs in with keys of its own. */
@Entity('partner_client')
@Check('partner_client_status_known', `status IN ('ACTIVE', 'REVOKED')`)
@Check('partner_client_authentication_known', `authentication IN ('private_key_jwt', 'self_signed_tls_client_auth')`)
@Unique('partner_client_of_partner', ['partnerId', 'id'])
export class PartnerClientEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'partner_client_pkey' })
  id: string;

  @Column('uuid')
  partnerId: string;

  @Column('text')
  authentication: ClientAuthentication;

  @Column('text', { array: true })
  scopes: string[];

  /** Where people may be sent back to with the answer to a consent. */
  @Column('text', { array: true, default: '{}' })
  redirectUris: string[];

  @Column('text')
  status: ClientStatus;

  /** Tokens that were issued up to then are refused: a key was revoked or the partner suspended. Never goes back. */
  @Column('timestamptz', { nullable: true })
  tokensRefusedUntil: Date | null;

  @Column('timestamptz')
  createdAt: Date;

  @ManyToOne(() => PartnerEntity, (partner) => partner.clients, { nullable: false })
  @JoinColumn({ name: 'partnerId', foreignKeyConstraintName: 'partner_client_partner' })
  partner: PartnerEntity;

  @OneToMany(() => PartnerKeyEntity, (key) => key.client)
  keys: PartnerKeyEntity[];
}

/** The public half of a key. A revoked one stays, so that neither it nor its kid comes back. */
@Entity('partner_key')
@Check('partner_key_status_known', `status IN ('ACTIVE', 'REVOKED')`)
@Check('partner_key_revoked_when', `(status = 'REVOKED') = ("revokedAt" IS NOT NULL)`)
@Check('partner_key_public', `NOT jwk ?| ARRAY['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']`)
// One key, one client: nobody registers what another has, and what was revoked here is not let in there.
@Unique('partner_key_one_holder', ['thumbprint'])
@Index('partner_key_ending', ['expiresAt'], { where: `status = 'ACTIVE' AND "expiresAt" IS NOT NULL` })
@Index('partner_key_of_partner', ['partnerId', 'clientId'])
@Index('partner_key_revoked', ['revokedAt'], { where: '"revokedAt" IS NOT NULL' })
export class PartnerKeyEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'partner_key_pkey' })
  clientId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'partner_key_pkey' })
  kid: string;

  /** Repeated here, so that a statement about a key names the partner whose it must be. */
  @Column('uuid')
  partnerId: string;

  /** SHA-256 of the public key as RFC 7638 writes it, base64url. */
  @Column('text')
  thumbprint: string;

  @Column('jsonb')
  jwk: PublicJwk;

  /** PEM, where the client signs in with a certificate; its kid is then the certificate's SHA-256. */
  @Column('text', { nullable: true })
  certificate: string | null;

  @Column('text')
  status: KeyStatus;

  @Column('timestamptz')
  addedAt: Date;

  @Column('timestamptz', { nullable: true })
  revokedAt: Date | null;

  /** The person or client who revoked it; the audit trail says why. */
  @Column('uuid', { nullable: true })
  revokedBy: string | null;

  /** When it ends by itself; null where the bank did not say. */
  @Column('timestamptz', { nullable: true })
  expiresAt: Date | null;

  /** The least of the days before its end at which the bank was told. */
  @Column('integer', { nullable: true })
  toldDays: number | null;

  @ManyToOne(() => PartnerClientEntity, (client) => client.keys, { nullable: false })
  @JoinColumn([
    { name: 'partnerId', referencedColumnName: 'partnerId', foreignKeyConstraintName: 'partner_key_client' },
    { name: 'clientId', referencedColumnName: 'id', foreignKeyConstraintName: 'partner_key_client' },
  ])
  client: PartnerClientEntity;
}
