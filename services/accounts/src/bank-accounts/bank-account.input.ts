import { MoneyInputType } from '@tael/graphql';
import { Field, ID, InputType } from 'type-graphql';

@InputType('AddBankAccountInput')
export class AddBankAccountInput {
  @Field(() => String, {
    description: 'With or without spaces. The sandbox bank takes DE89370400440532013000; what other accounts do there is in infra/sandbox.',
  })
  iban: string;

  @Field(() => String, { description: 'As the bank knows it: 1 to 100 characters.' })
  holderName: string;
}

@InputType('ConfirmBankAccountInput')
export class ConfirmBankAccountInput {
  @Field(() => ID)
  paymentMethodId: string;

  @Field(() => [MoneyInputType], { description: 'The two small deposits that arrived on the account, in any order.' })
  amounts: MoneyInputType[];
}
