import type { CurrencyCode } from '@tael/money';
import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { LedgerTxEntity } from '../ledger/ledger.entity';
import type { DecidedBy, Decision, DisputeReason, DisputeStatus } from './dispute.domain';

/** A payment that its payer disputes. */
@Entity('dispute')
@Check('dispute_status_known', `status IN ('OPEN', 'CONTESTED', 'ACCEPTED', 'DECIDED', 'WITHDRAWN')`)
@Check('dispute_amount_range', 'amount > 0 AND refunded >= 0 AND refunded <= amount')
@Check('dispute_refunded_before', '"refundedBefore" >= 0')
@Check('dispute_decided', `(status IN ('ACCEPTED', 'DECIDED')) = (decision IS NOT NULL)`)
@Check('dispute_decision_known', `decision IN ('PERSON', 'MERCHANT') AND "decidedBy" IN ('MERCHANT', 'OPERATOR', 'DEADLINE')`)
@Check('dispute_refund_for_person', `(refunded > 0) = ("refundId" IS NOT NULL) AND (refunded = 0 OR decision = 'PERSON')`)
@Check('dispute_contested', `status <> 'CONTESTED' OR evidence IS NOT NULL`)
@Index('dispute_one_for_payment', ['transactionId'], { unique: true, where: `status <> 'WITHDRAWN'` })
@Index('dispute_of_payment', ['transactionId', 'id'])
@Index('dispute_of_person', ['personId', 'id'])
@Index('dispute_of_merchant', ['merchantId', 'id'])
@Index('dispute_by_status', ['status', 'id'])
@Index('dispute_due', ['respondBy', 'id'], { where: `status = 'OPEN'` })
@Index('dispute_refund_once', ['refundId'], { unique: true })
@Index('dispute_description_sealed_by', { synchronize: false })
@Index('dispute_evidence_sealed_by', { synchronize: false })
@Index('dispute_decision_reason_sealed_by', { synchronize: false })
export class DisputeEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'dispute_pkey' })
  id: string;

  @ForeignKey(() => LedgerTxEntity, { name: 'dispute_payment' })
  @Column('uuid')
  transactionId: string;

  @Column('uuid')
  personId: string;

  @Column('uuid')
  merchantId: string;

  @Column('text')
  currency: CurrencyCode;

  @Column(bigintColumn)
  amount: bigint;

  @Column('text')
  reason: DisputeReason;

  /** What the person says, sealed for the dispute. */
  @Column('text')
  description: string;

  @Column('text')
  status: DisputeStatus;

  @Column('timestamptz')
  respondBy: Date;

  /** What the merchant says, sealed for the dispute. */
  @Column('text', { nullable: true })
  evidence: string | null;

  @Column('timestamptz', { nullable: true })
  answeredAt: Date | null;

  @Column('uuid', { nullable: true })
  answeredBy: string | null;

  @Column('text', { nullable: true })
  decision: Decision | null;

  @Column('text', { nullable: true })
  decidedBy: DecidedBy | null;

  /** The operator who decided. */
  @Column('uuid', { nullable: true })
  deciderId: string | null;

  /** Why the operator decided so, sealed for the dispute. */
  @Column('text', { nullable: true })
  decisionReason: string | null;

  /** What had been given back of the payment when it was opened. Null where an instance of before this column opened it: the books say it then. */
  @Column({ ...bigintColumn, nullable: true })
  refundedBefore: bigint | null;

  @Column(bigintColumn)
  refunded: bigint;

  @ForeignKey(() => LedgerTxEntity, { name: 'dispute_refund' })
  @Column('uuid', { nullable: true })
  refundId: string | null;

  @Column('timestamptz', { nullable: true })
  decidedAt: Date | null;

  @Column('timestamptz')
  createdAt: Date;
}
