import { connectionTypes, UserErrorType } from '@tael/graphql';
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';

export enum __Entity__OriginType {
  CREATED = 'CREATED',
  WELCOME = 'WELCOME',
}

registerEnumType(__Entity__OriginType, {
  name: '__Entity__Origin',
  description: 'CREATED: by its owner. WELCOME: by us, one for everybody who joins.',
});

@ObjectType('__Entity__', { description: 'Its owner alone sees it; it does not exist for anybody else.' })
@Directive('@key(fields: "id")')
export class __Entity__Type {
  @Field(() => ID)
  id: string;

  @Field(() => String, { description: '1 to 80 characters.' })
  label: string;

  @Field(() => __Entity__OriginType)
  origin: keyof typeof __Entity__OriginType;

  @Field(() => Date)
  createdAt: Date;
}

export const { Connection: __Entity__Connection, Edge: __Entity__Edge } = connectionTypes(
  '__Entity__',
  () => __Entity__Type,
);

@ObjectType()
export class Create__Entity__Payload {
  @Field(() => __Entity__Type, { nullable: true })
  __entity__?: __Entity__Type | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
