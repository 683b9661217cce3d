import { PageArgs } from '@tael/graphql';
import { ArgsType, Field, Float, ID, InputType, Int } from 'type-graphql';
import { OPERATORS_REASON } from '../audit/audit-entry.type';
import { WeekdayType } from './store.type';

@InputType()
export class OpeningTimesInput {
  @Field(() => String, { description: 'HH:MM by the store\'s clock.' })
  opens: string;

  @Field(() => String, { description: 'HH:MM, up to 24:00; on the next day where it is not after `opens`.' })
  closes: string;
}

@InputType()
export class WeeklyOpeningTimesInput extends OpeningTimesInput {
  @Field(() => WeekdayType)
  weekday: keyof typeof WeekdayType;
}

@InputType()
export class OpeningExceptionInput {
  @Field(() => String, { description: 'YYYY-MM-DD.' })
  date: string;

  @Field(() => [OpeningTimesInput], { description: 'At most 4; none: closed all day.' })
  times: OpeningTimesInput[];
}

@InputType()
export class AddStoreInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => String, { description: '1 to 120 characters.' })
  name: string;

  @Field(() => [String], { description: '1 to 4 lines of 120 characters at most.' })
  addressLines: string[];

  @Field(() => String, { description: '1 to 80 characters.' })
  city: string;

  @Field(() => String, { nullable: true, description: '1 to 10 letters, digits, spaces and hyphens, as the country writes it.' })
  postalCode?: string | null;

  @Field(() => String, { description: 'ISO 3166-1 alpha-2.' })
  country: string;

  @Field(() => Float, { description: 'Degrees, six digits after the point at most.' })
  latitude: number;

  @Field(() => Float)
  longitude: number;

  @Field(() => String, { description: 'IANA time zone.' })
  timeZone: string;

  @Field(() => [WeeklyOpeningTimesInput], { description: 'At most 28.' })
  openingHours: WeeklyOpeningTimesInput[];

  @Field(() => [OpeningExceptionInput], { nullable: true, description: 'At most 100, each date once.' })
  openingExceptions?: OpeningExceptionInput[] | null;

  @Field(() => String, { nullable: true, description: OPERATORS_REASON })
  reason?: string | null;
}

@InputType({ description: 'What is left out stays as it is.' })
export class UpdateStoreInput {
  @Field(() => ID)
  storeId: string;

  @Field(() => String, { nullable: true, description: '1 to 120 characters; left as it is without one, like everything below.' })
  name?: string | null;

  @Field(() => [String], { nullable: true, description: 'One to four lines of 1 to 120 characters.' })
  addressLines?: string[] | null;

  @Field(() => String, { nullable: true, description: '1 to 80 characters.' })
  city?: string | null;

  @Field(() => String, { nullable: true, description: 'Null takes it away.' })
  postalCode?: string | null;

  @Field(() => String, { nullable: true, description: 'ISO 3166-1, two capitals.' })
  country?: string | null;

  @Field(() => Float, { nullable: true })
  latitude?: number | null;

  @Field(() => Float, { nullable: true })
  longitude?: number | null;

  @Field(() => String, { nullable: true, description: 'An IANA time zone, such as Europe/Lisbon.' })
  timeZone?: string | null;

  @Field(() => [WeeklyOpeningTimesInput], { nullable: true })
  openingHours?: WeeklyOpeningTimesInput[] | null;

  @Field(() => [OpeningExceptionInput], { nullable: true })
  openingExceptions?: OpeningExceptionInput[] | null;

  @Field(() => String, { nullable: true, description: OPERATORS_REASON })
  reason?: string | null;
}

@InputType()
export class CloseStoreInput {
  @Field(() => ID)
  storeId: string;

  @Field(() => String, { nullable: true, description: OPERATORS_REASON })
  reason?: string | null;
}

@InputType()
export class NearbyStoresInput {
  @Field(() => Float)
  latitude: number;

  @Field(() => Float)
  longitude: number;

  @Field(() => Int, { description: '1 to 50,000.' })
  radiusMeters: number;

  @Field(() => Boolean, { defaultValue: false, description: 'Only stores that are open now, by their own clocks.' })
  openNow: boolean;
}

@ArgsType()
export class NearbyStoresArgs extends PageArgs {
  @Field(() => NearbyStoresInput)
  input: NearbyStoresInput;
}
