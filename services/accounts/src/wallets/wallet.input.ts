import { CurrencyCodeScalar } from '@tael/graphql';
import { Field, InputType } from 'type-graphql';

@InputType('OpenWalletInput')
export class OpenWalletInput {
  @Field(() => CurrencyCodeScalar)
  currency: string;
}
