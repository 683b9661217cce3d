import { Field, InputType } from 'type-graphql';

@InputType()
export class Create__Entity__Input {
  @Field(() => String, { description: '1 to 80 characters.' })
  label: string;
}
