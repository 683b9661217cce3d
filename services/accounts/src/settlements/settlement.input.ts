import { CurrencyCodeScalar, MoneyInputType } from '@tael/graphql';
import { Field, ID, InputType, Int } from 'type-graphql';

@InputType('SetMerchantTermsInput')
export class SetMerchantTermsInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => Int, { description: 'Of all that is paid to it; 0 to 2000.' })
  feeBasisPoints: number;

  @Field(() => MoneyInputType, { description: 'For each payment, at most 5.00 of a currency with two digits, 500 with none, 2.000 with three. Its currency is that of the terms.' })
  feePerPayment: MoneyInputType;

  @Field(() => Int, { description: 'Of all that is paid to it, held back; 0 to 10000.' })
  reserveBasisPoints: number;

  @Field(() => Int, { description: 'For how many days it is held back; at most 365.' })
  reserveDays: number;

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;
}

@InputType('CloseSettlementInput')
export class CloseSettlementInput {
  @Field(() => ID)
  merchantId: string;

  @Field(() => CurrencyCodeScalar)
  currency: string;

  @Field(() => String, { description: 'Why, for the audit trail: 1 to 500 characters, no personal data.' })
  reason: string;
}
