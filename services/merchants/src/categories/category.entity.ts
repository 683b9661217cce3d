import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/** A merchant category code of ISO 18245: data, filled by migrations alone. */
@Entity('category')
@Check('category_code_digits', `code ~ '^[0-9]{4}$'`)
export class CategoryEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'category_pkey' })
  code: string;

  @Column('text')
  description: string;
}
