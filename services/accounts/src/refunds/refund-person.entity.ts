import { Check, Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { LedgerTxEntity } from '../ledger/ledger.entity';
import { PersonEntity } from '../people/person.entity';
import type { MerchantRole } from './refund.domain';

/** Who of a merchant's people gave a payment back, and as what. Of what an operator gave back, or a deadline, there is none. */
@Entity('refund_person')
@Check('refund_person_role', `role IN ('OWNER', 'MANAGER', 'CASHIER')`)
export class RefundPersonEntity {
  @ForeignKey(() => LedgerTxEntity, { name: 'refund_person_refund' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'refund_person_pkey' })
  refundId: string;

  @ForeignKey(() => PersonEntity, { name: 'refund_person_person' })
  @Column('uuid')
  personId: string;

  /** As they were then: whoever is a manager now may have been a cashier. */
  @Column('text')
  role: MerchantRole;
}
