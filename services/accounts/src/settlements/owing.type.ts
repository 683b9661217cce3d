import { connectionTypes, CurrencyCodeScalar, DateTime, MoneyInputType, MoneyType, PageArgs } from '@tael/graphql';
import type { CurrencyCode } from '@tael/money';
import { ArgsType, Field, ID, InputType, ObjectType } from 'type-graphql';
import { MerchantStub } from '../transactions/transaction.type';

@ArgsType()
export class OwingMerchantsArgs extends PageArgs {
  @Field(() => CurrencyCodeScalar, { description: 'Which merchants owe in.' })
  currency: CurrencyCode;
}

@ObjectType('OwingMerchant', {
  description: 'A merchant that had to get less than nothing when its last settlement was closed: more went back than came. What comes next settles it first. For operators.',
})
export class OwingMerchantType {
  @Field(() => MerchantStub)
  merchant: MerchantStub;

  @Field(() => MoneyType, { description: 'What it owed when its last settlement was closed; what came or went back since is not in it.' })
  owed: MoneyType;

  @Field(() => MoneyType, { description: 'What two operators wrote off of it since: its next settlement has it as an adjustment, and then it is not owed any more.' })
  writtenOff: MoneyType;

  @Field(() => DateTime, { description: 'When the first settlement was closed since which it has always owed something.' })
  since: Date;
}

@InputType()
export class RequestMerchantWriteOffInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => MoneyInputType, { description: 'How much of what it owes: at most what its last settlement left, less what is written off already and what Tael holds of it.' })
  amount: MoneyInputType;

  @Field(() => String, { description: 'Why, for who approves and for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;

  @Field(() => String, { description: 'The same key again is the same request.' })
  idempotencyKey: string;
}

export const { Connection: OwingMerchantConnection } = connectionTypes<OwingMerchantType>('OwingMerchant', () => OwingMerchantType);
