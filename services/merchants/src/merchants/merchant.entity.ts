import { Check, Column, Entity, Index, JoinColumn, ManyToOne, OneToMany, PrimaryColumn } from 'typeorm';
import { CategoryEntity } from '../categories/category.entity';
import { FeePlanEntity } from './fee-plan.entity';
import type { MerchantRole } from '../people/role.domain';
import type { MerchantStatus } from './merchant.domain';

@Entity('merchant')
@Check('merchant_status_known', `status IN ('PENDING', 'ACTIVE', 'SUSPENDED')`)
@Check('merchant_currency_form', `currency ~ '^[A-Z]{3}$'`)
@Check('merchant_name_length', 'char_length(name) BETWEEN 1 AND 120')
@Check('merchant_version_positive', 'version > 0')
@Index('merchant_told_under', ['toldUnder'])
@Index('merchant_category', ['categoryCode', 'id'])
// A trigram index, which the entity's own means cannot describe: the migration makes it.
@Index('merchant_search_name', { synchronize: false })
export class MerchantEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'merchant_pkey' })
  id: string;

  @Column('text')
  name: string;

  /** The name as a search compares it, so that its case rules are the application's and not the database's locale. */
  @Column('text')
  searchName: string;

  @Column('text')
  categoryCode: string;

  @Column('text')
  currency: string;

  @Column('text')
  status: MerchantStatus;

  @Column('text')
  feePlanId: string;

  /** Grows by one with every change, in the statement that changes; `merchant.changed` carries it. */
  @Column('integer')
  version: number;

  /** The id of the key that sealed the name in the newest `merchant.changed`; empty where ids were not kept yet. */
  @Column('text', { default: '' })
  toldUnder: string;

  @Column('timestamptz')
  createdAt: Date;

  @Column('timestamptz', { nullable: true })
  activatedAt: Date | null;

  /** When an operator approved what its owner showed; null until then. */
  @Column('timestamptz', { nullable: true })
  verifiedAt: Date | null;

  @ManyToOne(() => CategoryEntity, { nullable: false })
  @JoinColumn({ name: 'categoryCode', foreignKeyConstraintName: 'merchant_category_known' })
  category: CategoryEntity;

  @ManyToOne(() => FeePlanEntity, { nullable: false })
  @JoinColumn({ name: 'feePlanId', foreignKeyConstraintName: 'merchant_fee_plan_known' })
  feePlan: FeePlanEntity;

  @OneToMany(() => MerchantPersonEntity, (person) => person.merchant)
  people: MerchantPersonEntity[];
}

/** A person who may act for a merchant. */
@Entity('merchant_person')
@Check('merchant_person_role_known', `role IN ('OWNER', 'MANAGER', 'CASHIER')`)
@Index('merchant_person_of_person', ['personId', 'merchantId'])
export class MerchantPersonEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'merchant_person_pkey' })
  merchantId: string;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'merchant_person_pkey' })
  personId: string;

  @Column('text', { default: 'OWNER' })
  role: MerchantRole;

  @ManyToOne(() => MerchantEntity, (merchant) => merchant.people, { nullable: false })
  @JoinColumn({ name: 'merchantId', foreignKeyConstraintName: 'merchant_person_merchant' })
  merchant: MerchantEntity;
}
