import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { PersonEntity } from '../people/person.entity';
import { WalletEntity } from './wallet.entity';

/** A time for which a wallet is or was frozen. What decides is `account.frozenAt`; this row says who, why and until when. */
@Entity('wallet_freeze')
@Check('wallet_freeze_reason_length', 'char_length(reason) BETWEEN 1 AND 500')
@Check('wallet_freeze_lifted', '"liftedAt", "liftedBy" and "liftedVersion" come together, not before the freeze')
@Index('wallet_freeze_of_wallet', ['walletId', 'id'])
@Index('wallet_freeze_standing', ['walletId'], { unique: true, where: '"liftedAt" IS NULL' })
@Index('wallet_freeze_newest', ['id'], { where: '"liftedAt" IS NULL' })
export class WalletFreezeEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'wallet_freeze_pkey' })
  id: string;

  @ForeignKey(() => WalletEntity, { name: 'wallet_freeze_wallet' })
  @Column('uuid')
  walletId: string;

  @Column('timestamptz')
  frozenAt: Date;

  @ForeignKey(() => PersonEntity, { name: 'wallet_freeze_frozen_by' })
  @Column('uuid')
  frozenBy: string;

  /** The last entry of the account before the freeze: of those after it none is a debit at the person's wish. By count, since clocks may go back. */
  @Column(bigintColumn)
  frozenVersion: bigint;

  /** For operators. Never personal data. */
  @Column('text')
  reason: string;

  @Column('timestamptz', { nullable: true })
  liftedAt: Date | null;

  @ForeignKey(() => PersonEntity, { name: 'wallet_freeze_lifted_by' })
  @Column('uuid', { nullable: true })
  liftedBy: string | null;

  /** The last entry of the account before it was lifted. */
  @Column({ ...bigintColumn, nullable: true })
  liftedVersion: bigint | null;
}
