import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What notifications keeps of a merchant: what to call it. */
@Entity('merchant')
@Index('merchant_name_sealed_by', { synchronize: false })
export class MerchantEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'merchant_pkey' })
  id: string;

  /** Of merchant.changed: an older state never replaces a newer one. */
  @Column('integer')
  version: number;

  /** Sealed for the merchant; null where no event told it whose key is still there. */
  @Column('text', { nullable: true })
  name: string | null;

  @Column('text')
  categoryCode: string;
}
