import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { __Entity__Origin } from './__entityFile__.domain';

@Entity('__table__')
@Check('__table___origin_known', `origin IN ('CREATED', 'WELCOME')`)
@Check('__table___label_length', 'char_length(label) BETWEEN 1 AND 80')
@Index('__table___of_owner', ['ownerId', 'id'])
@Index('__table___one_welcome', ['ownerId'], { unique: true, where: `origin = 'WELCOME'` })
export class __Entity__Entity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: '__table___pkey' })
  id: string;

  @Column('uuid')
  ownerId: string;

  @Column('text')
  label: string;

  @Column('text')
  origin: __Entity__Origin;

  @Column('timestamptz')
  createdAt: Date;
}
