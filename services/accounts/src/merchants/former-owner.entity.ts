import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Somebody who was an owner of a merchant, and until when. Whoever is one again keeps the row; it counts for nothing then. */
@Entity('merchant_former_owner')
export class FormerOwnerEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'merchant_former_owner_pkey' })
  merchantId: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'merchant_former_owner_pkey' })
  personId: string;

  @Column('timestamptz')
  until: Date;
}
