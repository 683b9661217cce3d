import { Field, InputType, Int } from 'type-graphql';
import type { Channel, PreferencesPatch } from './preferences.domain';
import { NotificationChannel } from './preferences.type';

@InputType()
export class QuietHoursInput {
  @Field(() => String, { description: 'HH:MM, from 00:00 to 23:59, by the clock of your time zone.' })
  from: string;

  @Field(() => String, { description: 'As from, and another time; one that is earlier is of the next day.' })
  to: string;
}

@InputType({
  description:
    'What is left out stays as it is; quietHours: null takes them away. Security messages cannot be muted on every channel.',
})
export class UpdateNotificationPreferencesInput {
  @Field(() => Boolean, { nullable: true })
  marketingOptIn?: boolean | null;

  @Field(() => QuietHoursInput, { nullable: true })
  quietHours?: QuietHoursInput | null;

  @Field(() => Int, { nullable: true })
  maximumMarketingPerDay?: number | null;

  @Field(() => [NotificationChannel], { nullable: true })
  mutedChannels?: Channel[] | null;
}

export function toPatch(input: UpdateNotificationPreferencesInput): PreferencesPatch {
  return {
    marketingOptIn: input.marketingOptIn ?? undefined,
    quietHours: input.quietHours,
    maximumMarketingPerDay: input.maximumMarketingPerDay ?? undefined,
    mutedChannels: input.mutedChannels ?? undefined,
  };
}
