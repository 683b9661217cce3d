import { connectionTypes, DateTime, MoneyType, UserErrorType } from '@tael/graphql';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { BookingKindEnum, ReconciliationClassEnum } from '../reconciliations/reconciliation.type';
import type { BreakClass, BreakStatus } from './break.domain';

export enum BreakStatusEnum {
  OPEN = 'OPEN',
  INVESTIGATING = 'INVESTIGATING',
  RESOLVED = 'RESOLVED',
  WRITTEN_OFF = 'WRITTEN_OFF',
}

registerEnumType(BreakStatusEnum, { name: 'BreakStatus' });

@ObjectType('Break', { description: 'What of the bank\'s bookings and the books does not fit. For operators.' })
export class BreakType {
  @Field(() => ID)
  id: string;

  @Field(() => ReconciliationClassEnum)
  class: BreakClass;

  @Field(() => String, { nullable: true, description: 'Why it does not fit, for example AMOUNT or UNKNOWN_ORDER.' })
  reason: string | null;

  @Field(() => String, { description: 'What the bank and we call the order.' })
  reference: string;

  @Field(() => BookingKindEnum)
  kind: 'BOOKED' | 'RETURNED';

  @Field(() => String, { nullable: true, description: 'The bank\'s name of its booking.' })
  bookingId: string | null;

  @Field(() => MoneyType, { description: 'By how much the bank\'s account is above the books because of it; a write-off books this.' })
  difference: MoneyType;

  @Field(() => BreakStatusEnum)
  status: BreakStatus;

  @Field(() => ID, { nullable: true, description: 'The operator who works on it.' })
  assigneeId: string | null;

  @Field(() => ID, { nullable: true, description: 'The comparison that found it; null where the daily statement did.' })
  reconciliationId: string | null;

  @Field(() => DateTime)
  openedAt: Date;

  @Field(() => DateTime, { nullable: true })
  closedAt: Date | null;

  @Field(() => String, { nullable: true, description: 'The booking of the bank, or the order or transaction of ours, that explains it.' })
  explainedBy: string | null;

  @Field(() => ID, { nullable: true, description: 'The transaction of the books that wrote it off.' })
  transactionId: string | null;
}

export const { Connection: BreakConnection } = connectionTypes<BreakType>('Break', () => BreakType);

@ObjectType('BreakPayload')
export class BreakPayload {
  @Field(() => BreakType, { nullable: true })
  break?: BreakType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
