import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** What payments need of a merchant, as its newest event says. */
@Entity('merchant_copy')
@Check('merchant_copy_status', `status IN ('PENDING', 'ACTIVE', 'SUSPENDED')`)
export class MerchantCopyEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'merchant_copy_pkey' })
  merchantId: string;

  @Column('integer')
  version: number;

  @Column('text')
  categoryCode: string;

  @Column('text')
  currency: string;

  @Column('text')
  status: 'PENDING' | 'ACTIVE' | 'SUSPENDED';

  @Column('uuid', { array: true })
  people: string[];

  /** Those of the people whose refunds are limited. */
  @Column('uuid', { array: true, default: '{}' })
  cashiers: string[];

  /** Those who say where the merchant's money goes; null where no event has told of them yet. */
  @Column('uuid', { array: true, nullable: true })
  owners: string[] | null;

  /** When others became or ceased to be its owners, as far as was told here; null where none did. */
  @Column('timestamptz', { nullable: true })
  ownersChangedAt: Date | null;

  /** The merchant's rate in settlement, where an operator has set no terms of its own. */
  @Column('integer', { default: 0 })
  feeBasisPoints: number;

  /** An operator has approved its documents; nothing is paid out before. False where no event has said so yet. */
  @Column('boolean', { default: false })
  verified: boolean;
}
