import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { PaymentMethodEntity } from '../payment-methods/payment-method.entity';
import { PersonEntity } from '../people/person.entity';

/** Two people who have, or had, the same card or bank account: told once a pair and kind. */
@Entity('person_link')
@Check('person_link_order', `"lowId" < "highId"`)
@Check('person_link_kind', `by IN ('CARD', 'BANK_ACCOUNT')`)
export class PersonLinkEntity {
  @ForeignKey(() => PersonEntity, { name: 'person_link_low' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'person_link_pkey' })
  lowId: string;

  @ForeignKey(() => PersonEntity, { name: 'person_link_high' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'person_link_pkey' })
  highId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'person_link_pkey' })
  by: string;

  @Column('timestamptz')
  at: Date;
}

/**
 * Two bank accounts that are the same one, of two people. Found when the second is added, since the number is there then
 * and never again; a link of the two people when both have proved that it is theirs.
 */
@Entity('same_bank_account')
@Index('same_bank_account_by_other', ['otherId'])
export class SameBankAccountEntity {
  @ForeignKey(() => PaymentMethodEntity, { name: 'same_bank_account_method' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'same_bank_account_pkey' })
  paymentMethodId: string;

  @ForeignKey(() => PaymentMethodEntity, { name: 'same_bank_account_other' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'same_bank_account_pkey' })
  otherId: string;
}
