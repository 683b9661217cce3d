import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { TotpFactorEntity } from '../second-factor/second-factor.entity';

/** The wish of who lost the second factor and its recovery codes to be without: begun once the code from the mail was brought, done days later. */
@Entity('factor_removal')
@Index('factor_removal_due', ['removesAt'], { where: '"removesAt" IS NOT NULL' })
@Check('factor_removal_code', 'octet_length(code) = 32')
export class FactorRemovalEntity {
  @ForeignKey(() => TotpFactorEntity, { name: 'factor_removal_factor', onDelete: 'CASCADE' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'factor_removal_pkey' })
  personId: string;

  /** SHA-256 of the code that was mailed last. */
  @Column('bytea')
  code: Buffer;

  @Column('timestamptz')
  codeExpiresAt: Date;

  /** When the factor goes; null until the code was brought. */
  @Column('timestamptz', { nullable: true })
  removesAt: Date | null;
}
