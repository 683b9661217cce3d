import { connectionTypes, DateTime, MoneyType, UserErrorType } from '@tael/graphql';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { ApprovalKind, ApprovalStatus } from './approval.domain';

export enum ApprovalKindEnum {
  MANUAL_ADJUSTMENT = 'MANUAL_ADJUSTMENT',
  BREAK_WRITE_OFF = 'BREAK_WRITE_OFF',
  PAYOUT_BY_HAND = 'PAYOUT_BY_HAND',
  LIMIT_RAISE = 'LIMIT_RAISE',
  DEBT_WRITE_OFF = 'DEBT_WRITE_OFF',
  MERCHANT_WRITE_OFF = 'MERCHANT_WRITE_OFF',
}

export enum ApprovalStatusEnum {
  REQUESTED = 'REQUESTED',
  EXECUTED = 'EXECUTED',
  REJECTED = 'REJECTED',
  EXPIRED = 'EXPIRED',
  CANCELLED = 'CANCELLED',
}

registerEnumType(ApprovalKindEnum, { name: 'ApprovalKind', description: 'What wants two operators.' });
registerEnumType(ApprovalStatusEnum, { name: 'ApprovalStatus', description: 'EXPIRED: nobody decided it within 24 hours.' });

@ObjectType('Approval', { description: 'What one operator asked for and another decides. For operators.' })
export class ApprovalType {
  @Field(() => ID)
  id: string;

  @Field(() => ApprovalKindEnum)
  kind: ApprovalKind;

  @Field(() => ID, { description: 'What it is about: the wallet of an adjustment, the merchant of a payout, the break, the debt or the merchant of a write-off.' })
  subjectId: string;

  @Field(() => MoneyType)
  amount: MoneyType;

  @Field(() => String, { description: 'What it asks for besides: a JSON object.' })
  payload: string;

  @Field(() => String, { description: 'SHA-256 of all that is asked for, in hexadecimal. approveRequest wants it: what was not seen is not approved.' })
  digest: string;

  @Field(() => ApprovalStatusEnum)
  status: ApprovalStatus;

  @Field(() => String)
  reason: string;

  @Field(() => ID, { description: 'The operator who asked.' })
  requestedBy: string;

  @Field(() => DateTime)
  requestedAt: Date;

  @Field(() => DateTime)
  expiresAt: Date;

  @Field(() => ID, { nullable: true, description: 'The operator who decided it; of a CANCELLED one who asked, or null where they lost the role.' })
  decidedBy: string | null;

  @Field(() => DateTime, { nullable: true })
  decidedAt: Date | null;

  @Field(() => String, { nullable: true })
  decisionReason: string | null;

  @Field(() => ID, { nullable: true, description: 'What it brought: a transaction of the books, or a version of a limit.' })
  resultId: string | null;
}

export const { Connection: ApprovalConnection } = connectionTypes<ApprovalType>('Approval', () => ApprovalType);

@ObjectType('ApprovalPayload')
export class ApprovalPayload {
  @Field(() => ApprovalType, { nullable: true })
  approval?: ApprovalType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
