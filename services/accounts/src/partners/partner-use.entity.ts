import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** What is missing from the bucket of a partner's rate, by the count of all gateways. The table is unlogged: a crash of the database fills the buckets. */
@Entity('partner_use')
@Check('partner_use_missing', 'missing >= 0')
export class PartnerUseEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'partner_use_pkey' })
  partnerId: string;

  /** In units of cost, at `countedAt`. More than the bucket holds is a debt: gateways let through at once what none of them knew of the others. */
  @Column('double precision')
  missing: number;

  @Column('timestamptz')
  countedAt: Date;
}
