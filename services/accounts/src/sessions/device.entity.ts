import { Check, Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { PersonEntity } from '../people/person.entity';

/** A device that a person has come with. Whose mark it is nobody can tell from the row: two people on one browser have nothing in common here. */
@Entity('device')
@Check('device_key_sealed', `key LIKE 'v1.%'`)
@Check('device_mark', 'octet_length(mark) = 32')
@Check('device_network', 'octet_length(network) = 32')
@Check('device_sign_in_name', 'octet_length("signInName") = 32')
@Index('device_person_id', ['personId'])
@Index('device_sign_in_name_known', ['signInName'], { where: '"signInName" IS NOT NULL' })
@Index('device_key_sealed_by', { synchronize: false })
export class DeviceEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'device_pkey' })
  id: string;

  @ForeignKey(() => PersonEntity, { name: 'device_person' })
  @Column('uuid')
  personId: string;

  /** In words of device.domain. */
  @Column('text')
  browser: string;

  @Column('text')
  platform: string;

  /** Fingerprint of the mark; null where it came through a door that keeps none. */
  @Column('bytea', { nullable: true })
  mark: Buffer | null;

  /** HMAC of the mail address under the mark: by it alone a device is known before its person is. Null where it has no mark, of before, and since a new password. */
  @Column('bytea', { nullable: true })
  signInName: Buffer | null;

  /** Fingerprint of the network that it last came from; null where that is not known. */
  @Column('bytea', { nullable: true })
  network: Buffer | null;

  /** The key of both fingerprints, sealed for the row. */
  @Column('text')
  key: string;

  /** Whether its mark was brought back. */
  @Column('boolean')
  keepsMark: boolean;

  @Column('timestamptz')
  firstUsedAt: Date;

  @Column('timestamptz')
  lastUsedAt: Date;
}
