import { Field, InputType, Int } from 'type-graphql';

@InputType('AddCardInput')
export class AddCardInput {
  @Field(() => String, {
    description:
      'The sandbox card processor accepts 4242424242424242, and declines 4000000000000002 when it is charged.',
  })
  number: string;

  @Field(() => Int)
  expiryMonth: number;

  @Field(() => Int)
  expiryYear: number;

  @Field(() => String)
  securityCode: string;

  @Field(() => String)
  holderName: string;
}
