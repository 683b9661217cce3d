import { connectionTypes, DateTime } from '@tael/graphql';
import { Field, ID, ObjectType } from 'type-graphql';

@ObjectType('Operator', { description: 'Somebody who has the role of an operator. For operators.' })
export class OperatorType {
  @Field(() => ID, { description: 'The person.' })
  id: string;

  @Field(() => String)
  displayName: string;

  @Field(() => Boolean, { description: 'Whether they have a second factor.' })
  secondFactor: boolean;

  @Field(() => DateTime, { nullable: true, description: 'Since when. Null where the role was given before entries were kept, or around the command that gives it.' })
  grantedAt: Date | null;

  @Field(() => String, { nullable: true, description: 'Who gave it: an account of the machine that it was given on, behind whoever is said to have used it.' })
  grantedBy: string | null;

  @Field(() => String, { nullable: true, description: 'Why.' })
  reason: string | null;
}

export const { Connection: OperatorConnection } = connectionTypes<OperatorType>('Operator', () => OperatorType);
