import type { Role } from '@tael/platform/identity';
import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn, Unique } from 'typeorm';

/** A person. Mail address and name stand here only sealed for the person's id. */
@Entity('person')
@Check('person_sealed', `email LIKE 'v1.%' AND "displayName" LIKE 'v1.%'`)
@Check('person_not_referred_by_self', `"referredBy" <> id`)
@Check('person_roles', `roles <@ ARRAY['CUSTOMER', 'OPERATOR'] AND 'CUSTOMER' = ANY (roles)`)
@Index('person_email_sealed_by', { synchronize: false })
@Index('person_display_name_sealed_by', { synchronize: false })
@Index('person_email_index_key_id', ['emailIndexKey'])
@Index('person_operators', ['id'], { where: `'OPERATOR' = ANY (roles)` })
@Unique('person_email_index_key', ['emailIndex'])
@Unique('person_referral_code_key', ['referralCode'])
export class PersonEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'person_pkey' })
  id: string;

  /** Keyed one-way name of the normalised mail address: finds a person without telling the address. */
  @Column('text')
  emailIndex: string;

  /** The id of the key of that name; empty where it was made before ids were kept. */
  @Column('text', { default: '' })
  emailIndexKey: string;

  @Column('text')
  email: string;

  @Column('text')
  displayName: string;

  @Column('text')
  locale: string;

  @Column('text')
  timeZone: string;

  @Column('text')
  referralCode: string;

  @ForeignKey(() => PersonEntity, { name: 'person_referred_by' })
  @Column('uuid', { nullable: true })
  referredBy: string | null;

  @Column('text', { nullable: true })
  channel: string | null;

  @Column('text', { nullable: true })
  campaign: string | null;

  @Column('text', { array: true })
  roles: Role[];

  @Column('timestamptz')
  createdAt: Date;
}
