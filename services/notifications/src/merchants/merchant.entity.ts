import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What notifications keeps of a merchant: what to call it. */
@Entity('merchant')
export class MerchantEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'merchant_pkey' })
  id: string;

  /** Of merchant.changed: an older state never replaces a newer one. */
  @Column('integer')
  version: number;

  /** Sealed for the merchant. */
  @Column('text')
  name: string;

  @Column('text')
  categoryCode: string;
}
