import { UserErrorType } from '@tael/graphql';
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import type { Channel, Preferences } from './preferences.domain';

export enum NotificationChannel {
  IN_APP = 'IN_APP',
  PUSH = 'PUSH',
  EMAIL = 'EMAIL',
  SMS = 'SMS',
}
registerEnumType(NotificationChannel, { name: 'NotificationChannel' });

@ObjectType('QuietHours')
export class QuietHoursType {
  @Field(() => String)
  from: string;

  @Field(() => String)
  to: string;
}

@ObjectType('NotificationPreferences')
export class NotificationPreferencesType {
  @Field(() => Boolean, { description: 'Off until the person says yes: advertising is never sent without it.' })
  marketingOptIn: boolean;

  @Field(() => QuietHoursType, {
    nullable: true,
    description:
      'Local wall-clock times, e.g. 22:00 and 08:00; none where null. Offers wait for their end, service messages are ' +
      'in the inbox but disturb nobody until then; security and payment messages come at any time.',
  })
  quietHours: QuietHoursType | null;

  @Field(() => Int, { description: 'Marketing messages a day at most, over all channels.' })
  maximumMarketingPerDay: number;

  @Field(() => [NotificationChannel])
  mutedChannels: Channel[];
}

@ObjectType()
export class UpdateNotificationPreferencesPayload {
  @Field(() => NotificationPreferencesType, { nullable: true })
  preferences?: NotificationPreferencesType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

export function toPreferencesType(preferences: Preferences): NotificationPreferencesType {
  return { ...preferences, mutedChannels: [...preferences.mutedChannels] };
}
