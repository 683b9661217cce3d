import { connectionTypes, DateTime, UserErrorType } from '@tael/graphql';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';

@ObjectType('ActiveSession', { description: 'Somewhere a person is signed in.' })
export class ActiveSessionType {
  @Field(() => ID)
  id: string;

  @Field(() => String, { description: 'Browser and device, e.g. "Chrome on Windows".' })
  device: string;

  @Field(() => String, {
    nullable: true,
    description: 'The network that it began from, e.g. 203.0.113.0/24; null where it is not known.',
  })
  network: string | null;

  @Field(() => DateTime)
  createdAt: Date;

  @Field(() => DateTime, { description: 'When it was last refreshed.' })
  lastUsedAt: Date;

  @Field(() => Boolean, { description: 'The session that asks.' })
  current: boolean;

  @Field(() => Boolean, { description: 'Began on the device that asks, as far as the door knows devices again: the same browser.' })
  thisDevice: boolean;
}

export const { Connection: ActiveSessionConnection } = connectionTypes('ActiveSession', () => ActiveSessionType);

@InputType('EndSessionInput')
export class EndSessionInput {
  @Field(() => ID)
  sessionId: string;
}

@ObjectType('EndSessionPayload')
export class EndSessionPayload {
  @Field(() => ID, { nullable: true, description: 'The session that has ended.' })
  sessionId?: string | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType('EndOtherSessionsPayload')
export class EndOtherSessionsPayload {
  @Field(() => Int, { nullable: true })
  endedCount?: number | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
