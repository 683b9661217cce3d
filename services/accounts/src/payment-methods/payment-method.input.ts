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

  @Field(() => String, { description: 'Three digits, four of American Express; it goes to the processor and is kept nowhere.' })
  securityCode: string;

  @Field(() => String, { description: 'As on the card: 1 to 100 characters.' })
  holderName: string;
}
