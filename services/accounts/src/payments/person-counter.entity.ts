import { bigintColumn } from '@tael/platform/postgres';
import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** A person's count of payments. Its lock puts all movements of the person's in one line. */
@Entity('person_counter')
@Check('person_counter_payments', 'payments >= 0')
export class PersonCounterEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'person_counter_pkey' })
  personId: string;

  @Column(bigintColumn)
  payments: bigint;
}
