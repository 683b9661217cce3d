import { MoneyInputType } from '@tael/graphql';
import { Field, ID, InputType, registerEnumType } from 'type-graphql';

export enum AdjustmentDirectionEnum {
  CREDIT = 'CREDIT',
  DEBIT = 'DEBIT',
}

registerEnumType(AdjustmentDirectionEnum, { name: 'AdjustmentDirection', description: 'CREDIT puts money into the wallet, DEBIT takes it out.' });

@InputType()
export class RequestManualAdjustmentInput {
  @Field(() => ID)
  walletId: string;

  @Field(() => AdjustmentDirectionEnum)
  direction: AdjustmentDirectionEnum;

  @Field(() => MoneyInputType)
  amount: MoneyInputType;

  @Field(() => String, { description: 'Why, for who approves and for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;

  @Field(() => String, { description: 'The same key again is the same request.' })
  idempotencyKey: string;
}
