import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { FeeWaiverOfferEntity } from '../fee-waivers/fee-waiver.entity';

const primaryKeyConstraintName = 'quote_promise_pkey';

/** The waiver that a quote promised to a payment of the same wallet, merchant and amount. */
@Entity('quote_promise')
@Check('quote_promise_amounts', 'amount > 0 AND waived > 0')
export class QuotePromiseEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName })
  personId: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName })
  walletId: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName })
  merchantId: string;

  @PrimaryColumn({ ...bigintColumn, primaryKeyConstraintName } as never)
  amount: bigint;

  @ForeignKey(() => FeeWaiverOfferEntity, { name: 'quote_promise_offer' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName })
  campaignId: string;

  @Column('text')
  currency: string;

  @Column(bigintColumn)
  waived: bigint;

  @Index('quote_promise_end')
  @Column('timestamptz')
  validUntil: Date;
}
