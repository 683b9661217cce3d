import { connectionTypes, UserErrorType } from '@tael/graphql';
import { Field, Float, ID, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum WeekdayType {
  MONDAY = 'MONDAY',
  TUESDAY = 'TUESDAY',
  WEDNESDAY = 'WEDNESDAY',
  THURSDAY = 'THURSDAY',
  FRIDAY = 'FRIDAY',
  SATURDAY = 'SATURDAY',
  SUNDAY = 'SUNDAY',
}

registerEnumType(WeekdayType, { name: 'Weekday' });

export enum StoreStatusType {
  OPEN = 'OPEN',
  CLOSED = 'CLOSED',
}

registerEnumType(StoreStatusType, { name: 'StoreStatus', description: 'OPEN: in business, whatever the hour. CLOSED: for good.' });

@ObjectType('OpeningTimes')
export class OpeningTimesType {
  @Field(() => String, { description: 'HH:MM by the store\'s clock.' })
  opens: string;

  @Field(() => String, { description: 'HH:MM; on the next day where it is not after `opens`. 24:00 is the end of the day.' })
  closes: string;
}

@ObjectType('WeeklyOpeningTimes')
export class WeeklyOpeningTimesType extends OpeningTimesType {
  @Field(() => WeekdayType)
  weekday: keyof typeof WeekdayType;
}

@ObjectType('OpeningException', { description: 'What holds on one date in place of its weekday.' })
export class OpeningExceptionType {
  @Field(() => String, { description: 'YYYY-MM-DD.' })
  date: string;

  @Field(() => [OpeningTimesType], { description: 'None: closed all day.' })
  times: readonly OpeningTimesType[];
}

@ObjectType('Store', { description: 'A place where a merchant sells.' })
export class StoreType {
  @Field(() => ID)
  id: string;

  @Field(() => ID)
  merchantId: string;

  @Field(() => String)
  name: string;

  @Field(() => [String])
  addressLines: readonly string[];

  @Field(() => String)
  city: string;

  @Field(() => String, { nullable: true })
  postalCode: string | null;

  @Field(() => String, { description: 'ISO 3166-1 alpha-2.' })
  country: string;

  @Field(() => Float, { description: 'Degrees, six digits after the point at most.' })
  latitude: number;

  @Field(() => Float)
  longitude: number;

  @Field(() => String, { description: 'IANA time zone.' })
  timeZone: string;

  @Field(() => [WeeklyOpeningTimesType])
  openingHours: readonly WeeklyOpeningTimesType[];

  @Field(() => [OpeningExceptionType])
  openingExceptions: readonly OpeningExceptionType[];

  @Field(() => Boolean, { description: 'By the store\'s own clock.' })
  isOpenNow: boolean;

  @Field(() => StoreStatusType)
  status: keyof typeof StoreStatusType;
}

@ObjectType('NearbyStore')
export class NearbyStoreType {
  @Field(() => StoreType)
  store: StoreType;

  @Field(() => Int, { description: 'Along the earth, in whole metres.' })
  distanceMeters: number;
}

export const { Connection: StoreConnection, Edge: StoreEdge } = connectionTypes('Store', () => StoreType);
export const { Connection: NearbyStoreConnection, Edge: NearbyStoreEdge } = connectionTypes('NearbyStore', () => NearbyStoreType);

@ObjectType()
export class AddStorePayload {
  @Field(() => StoreType, { nullable: true })
  store?: StoreType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class UpdateStorePayload {
  @Field(() => StoreType, { nullable: true })
  store?: StoreType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class CloseStorePayload {
  @Field(() => StoreType, { nullable: true })
  store?: StoreType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
