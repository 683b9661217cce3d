import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { MerchantEntity } from '../merchants/merchant.entity';
import type { OpeningHours } from './hours.domain';
import type { StoreStatus } from './store.domain';

/** A place where a merchant sells. */
@Entity('store')
@Check('store_status_known', `status IN ('OPEN', 'CLOSED')`)
@Check('store_place_on_earth', 'latitude and longitude in millionths of a degree')
@Check('store_country_form', `country ~ '^[A-Z]{2}$'`)
@Index('store_of_merchant', ['merchantId', 'id'])
// Of a point that is made of two columns, which the entity's own means cannot describe: the migration makes it.
@Index('store_place', { synchronize: false })
export class StoreEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'store_pkey' })
  id: string;

  @ForeignKey(() => MerchantEntity, { name: 'store_merchant' })
  @Column('uuid')
  merchantId: string;

  @Column('text')
  name: string;

  @Column('text', { array: true })
  addressLines: string[];

  @Column('text')
  city: string;

  @Column('text', { nullable: true })
  postalCode: string | null;

  @Column('text')
  country: string;

  @Column('integer')
  latitudeE6: number;

  @Column('integer')
  longitudeE6: number;

  @Column('text')
  timeZone: string;

  @Column('jsonb')
  hours: OpeningHours;

  @Column('text')
  status: StoreStatus;

  @Column('timestamptz')
  createdAt: Date;
}
