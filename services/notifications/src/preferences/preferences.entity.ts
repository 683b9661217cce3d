import { Check, Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * A person's choices. Without a row the defaults of preferences.domain hold; the row may come before the person
 * does.
 */
@Entity('preferences')
@Check('preferences_maximum', '"maximumMarketingPerDay" BETWEEN 0 AND 100')
@Check('preferences_quiet', '("quietFrom" IS NULL) = ("quietTo" IS NULL)')
export class PreferencesEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'preferences_pkey' })
  personId: string;

  @Column('boolean')
  marketingOptIn: boolean;

  @Column('text', { nullable: true })
  quietFrom: string | null;

  @Column('text', { nullable: true })
  quietTo: string | null;

  @Column('integer')
  maximumMarketingPerDay: number;

  @Column('text', { array: true })
  mutedChannels: string[];

  @Column('timestamptz')
  updatedAt: Date;
}
