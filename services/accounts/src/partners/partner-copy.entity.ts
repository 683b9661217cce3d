import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** What the authorization server needs of a partner bank, as its newest event says. */
@Entity('partner_copy')
@Check('partner_copy_status', `status IN ('ACTIVE', 'SUSPENDED')`)
@Check('partner_copy_environment', `environment IN ('SANDBOX', 'PRODUCTION')`)
@Index('partner_copy_name_sealed_by', { synchronize: false })
@Index('partner_copy_rate_changed_at', ['rateChangedAt'])
@Check('partner_copy_rate', '"ratePerSecond" > 0 AND "rateBurst" > 0')
@Check('partner_copy_cost_max', '"rateCostMax" > 0')
export class PartnerCopyEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'partner_copy_pkey' })
  partnerId: string;

  /** Here and not with the clients: an older event must not bring back a client that a newer one no longer has. */
  @Column('integer')
  version: number;

  @Column('text')
  status: 'ACTIVE' | 'SUSPENDED';

  @Column('text', { default: 'PRODUCTION' })
  environment: 'SANDBOX' | 'PRODUCTION';

  /** Sealed for the partner, as its event says; null where none has come since names are kept. */
  @Column('text', { nullable: true })
  name: string | null;

  @Column('integer')
  ratePerSecond: number;

  @Column('integer')
  rateBurst: number;

  /** What one operation may cost; null for what everybody may. */
  @Column('integer', { nullable: true })
  rateCostMax: number | null;

  /** When another rate was known here: tokens of before say the one before. Null where the rate is the first. */
  @Column('timestamptz', { nullable: true })
  rateChangedAt: Date | null;
}

/** A client of a partner bank. What is gone from the partner's state stays, revoked. */
@Entity('partner_client_copy')
@Check('partner_client_copy_status', `status IN ('ACTIVE', 'REVOKED')`)
@Check('partner_client_copy_authentication', `authentication IN ('private_key_jwt', 'self_signed_tls_client_auth')`)
@Index('partner_client_copy_partner_id', ['partnerId'])
@Index('partner_client_copy_refused_at', ['refusedAt'])
export class PartnerClientCopyEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'partner_client_copy_pkey' })
  clientId: string;

  @ForeignKey(() => PartnerCopyEntity, { name: 'partner_client_copy_partner' })
  @Column('uuid')
  partnerId: string;

  @Column('text')
  status: 'ACTIVE' | 'REVOKED';

  @Column('text')
  authentication: 'private_key_jwt' | 'self_signed_tls_client_auth';

  @Column('text', { array: true })
  scopes: string[];

  /** Public JWKs; for certificates with `x5c`. */
  @Column('jsonb')
  keys: Record<string, unknown>[];

  /** Where people may be sent back to with the answer to a consent. */
  @Column('text', { array: true, default: '{}' })
  redirectUris: string[];

  /** Up to when merchants wants tokens refused; a new instant here is a new revocation. */
  @Column('timestamptz', { nullable: true })
  tokensRefusedUntil: Date | null;

  /**
   * When the last revocation was known here. Tokens of before are refused: also those that were issued between the
   * revocation and its event, by a service that could not know yet.
   */
  @Column('timestamptz', { nullable: true })
  refusedAt: Date | null;

  /** `refusedAt`, where that revocation was of keys alone. A service of before writes only `refusedAt`: then it was of the whole client. */
  @Column('timestamptz', { nullable: true })
  keysRefusedAt: Date | null;

  /** When the whole client was revoked last before `keysRefusedAt`. */
  @Column('timestamptz', { nullable: true })
  wholeRefusedAt: Date | null;
}

/** A key that a client does not have any more. Tokens that were got with it until then are refused. */
@Entity('partner_key_refusal')
@Index('partner_key_refusal_refused_at', ['refusedAt'])
export class PartnerKeyRefusalEntity {
  @ForeignKey(() => PartnerClientCopyEntity, { name: 'partner_key_refusal_client' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'partner_key_refusal_pkey' })
  clientId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'partner_key_refusal_pkey' })
  kid: string;

  @Column('timestamptz')
  refusedAt: Date;
}
