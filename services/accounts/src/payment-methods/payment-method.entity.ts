import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';
import type { PaymentMethodStatus } from '../bank-accounts/bank-account.domain';
import { PersonEntity } from '../people/person.entity';

/** Something that can be charged. Of a card the processor's token, of a bank account its mandate, sealed, and what its holder knows it by. */
@Entity('payment_method')
@Check('payment_method_kind', `kind IN ('CARD', 'BANK_ACCOUNT')`)
@Check('payment_method_last4', 'four digits; of a bank account also letters')
@Check('payment_method_status', 'only a bank account waits to be verified')
@Check('payment_method_confirmations', 'confirmations BETWEEN 0 AND 3')
@Check('payment_method_sealed', `token LIKE 'v1.%'`)
@Check('payment_method_fingerprint_key_sealed', `"fingerprintKey" LIKE 'v1.%'`)
@Check('payment_method_fingerprint', 'octet_length(fingerprint) = 32')
@Check('payment_method_expiry', `("expiryMonth" BETWEEN 1 AND 12 AND "expiryYear" IS NOT NULL) OR kind <> 'CARD'`)
@Index('payment_method_token_sealed_by', { synchronize: false })
@Index('payment_method_fingerprint_key_sealed_by', { synchronize: false })
@Index('payment_method_ending', ['last4', 'kind', 'id'])
@Index('payment_method_keyless', ['id'], { where: '"fingerprintKey" IS NULL' })
@Unique('payment_method_fingerprint_key', ['personId', 'fingerprint'])
@Index('payment_method_default', ['personId'], { unique: true, where: '"isDefault"' })
export class PaymentMethodEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'payment_method_pkey' })
  id: string;

  @ForeignKey(() => PersonEntity, { name: 'payment_method_person' })
  @Column('uuid')
  personId: string;

  @Column('text')
  kind: 'CARD' | 'BANK_ACCOUNT';

  @Column('text')
  brand: string;

  @Column('text')
  last4: string;

  @Column('integer', { nullable: true })
  expiryMonth: number | null;

  @Column('integer', { nullable: true })
  expiryYear: number | null;

  @Column('text')
  token: string;

  /** HMAC-SHA-256 of the number: the same card again is known, the number is not. */
  @Column('bytea')
  fingerprint: Buffer;

  /** The fingerprint's own key, sealed for this row; without one the key is the oldest of CARD_FINGERPRINT_KEYS itself. */
  @Column('text', { nullable: true })
  fingerprintKey: string | null;

  @Column('boolean')
  isDefault: boolean;

  /** Money moves only through one that is ACTIVE. */
  @Column('text', { default: 'ACTIVE' })
  status: PaymentMethodStatus;

  /** How often somebody said what the two small deposits were. */
  @Column('integer', { default: 0 })
  confirmations: number;

  @Column('timestamptz')
  createdAt: Date;
}
