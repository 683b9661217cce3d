import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { MerchantEntity } from '../merchants/merchant.entity';
import type { MerchantRole } from './role.domain';

/** A code that one person may join a merchant with. Only its hash is kept: a code of 100 bits needs no salt and no key. */
@Entity('merchant_invitation')
@Check('merchant_invitation_role_known', `role IN ('OWNER', 'MANAGER', 'CASHIER')`)
@Check('merchant_invitation_used', '("usedAt" IS NULL) = ("usedBy" IS NULL)')
@Index('merchant_invitation_code', ['codeHash'], { unique: true })
@Index('merchant_invitation_open', ['merchantId', 'expiresAt'], { where: '"usedAt" IS NULL' })
export class InvitationEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'merchant_invitation_pkey' })
  id: string;

  @ForeignKey(() => MerchantEntity, { name: 'merchant_invitation_merchant' })
  @Column('uuid')
  merchantId: string;

  @Column('text')
  role: MerchantRole;

  @Column('bytea')
  codeHash: Buffer;

  @Column('uuid')
  createdBy: string;

  /** Made by an operator who has no part in the merchant: no operator joins by it. */
  @Column('boolean', { default: false })
  byOperator: boolean;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz')
  expiresAt: Date;

  @Column('timestamptz', { nullable: true })
  usedAt: Date | null;

  @Column('uuid', { nullable: true })
  usedBy: string | null;
}
