import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { BankOrderEntity } from './bank-order.entity';

/** A booking of the bank's statement, and the order that it is of; one that fits none waits for a person. Append-only. */
@Entity('bank_statement_line')
@Check('bank_statement_line_kind', 'kind is known')
@Check('bank_statement_line_misfit', 'misfit is known')
@Check('bank_statement_line_match', 'it has an order or says why not')
@Index('bank_statement_line_once', ['orderId', 'kind'], { unique: true, where: 'misfit IS NULL' })
@Index('bank_statement_line_of_order', ['orderKey', 'kind'])
@Index('bank_statement_line_misfits', ['position'], { where: 'misfit IS NOT NULL' })
export class BankStatementLineEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'bank_statement_line_pkey' })
  bookingId: string;

  @Column(bigintColumn)
  position: bigint;

  @Column('text')
  orderKey: string;

  @Column('text')
  kind: 'BOOKED' | 'RETURNED';

  /** What came in is positive. */
  @Column(bigintColumn)
  amount: bigint;

  @Column('text')
  currency: string;

  @Column('timestamptz')
  bookedAt: Date;

  @Column('timestamptz')
  readAt: Date;

  @ForeignKey(() => BankOrderEntity, { name: 'bank_statement_line_order' })
  @Column('uuid', { nullable: true })
  orderId: string | null;

  @Column('text', { nullable: true })
  misfit: 'UNKNOWN_ORDER' | 'OTHER_AMOUNT' | 'BOOKED_TWICE' | 'CONTRADICTS' | null;
}

/** How far a bank's statement was read, and until when one instance reads it. */
@Entity('bank_statement_cursor')
export class BankStatementCursorEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'bank_statement_cursor_pkey' })
  bank: string;

  @Column(bigintColumn)
  position: bigint;

  @Column('timestamptz')
  leaseUntil: Date;
}
