import { Entity, ForeignKey, PrimaryColumn, Column } from 'typeorm';
import { PersonEntity } from '../people/person.entity';

/** A kind of device that a person has signed in with; the first time tells them. */
@Entity('known_device')
export class KnownDeviceEntity {
  @ForeignKey(() => PersonEntity, { name: 'known_device_person' })
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'known_device_pkey' })
  personId: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'known_device_pkey' })
  browser: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'known_device_pkey' })
  platform: string;

  @Column('timestamptz')
  firstUsedAt: Date;
}
