import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What a merchant pays Tael for each payment, taken in settlement. The payer's fee is another, and accounts' own. */
@Entity('fee_plan')
@Check('fee_plan_basis_points_range', '"basisPoints" BETWEEN 0 AND 10000')
@Index('fee_plan_one_default', ['isDefault'], { unique: true, where: '"isDefault"' })
export class FeePlanEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'fee_plan_pkey' })
  id: string;

  @Column('integer')
  basisPoints: number;

  /** The plan of a merchant that registers: exactly one. */
  @Column('boolean', { default: false })
  isDefault: boolean;
}
