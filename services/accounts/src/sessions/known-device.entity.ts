import { Entity, ForeignKey, PrimaryColumn, Column } from 'typeorm';
import { PersonEntity } from '../people/person.entity';

/** A kind of device that a person signed in with before there were marks. It is known until a device of it has one. */
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

  /** Since when devices of this kind are known by their mark alone. */
  @Column('timestamptz', { nullable: true })
  markedAt: Date | null;
}
