import { connectionTypes, CurrencyCodeScalar, DateTime, MoneyType, PageArgs } from '@tael/graphql';
import type { CurrencyCode } from '@tael/money';
import { ArgsType, Field, ObjectType } from 'type-graphql';
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

  @Field(() => DateTime, { description: 'When the first settlement was closed since which it has always owed something.' })
  since: Date;
}

export const { Connection: OwingMerchantConnection } = connectionTypes<OwingMerchantType>('OwingMerchant', () => OwingMerchantType);
