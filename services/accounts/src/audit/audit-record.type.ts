import { connectionTypes, DateTime } from '@tael/graphql';
import { Field, ID, ObjectType } from 'type-graphql';

@ObjectType('AuditRecord', { description: 'Who changed what around the books, when and why. For operators.' })
export class AuditRecordType {
  @Field(() => ID)
  id: string;

  @Field(() => DateTime)
  at: Date;

  @Field(() => ID, { nullable: true, description: 'The operator, or whoever handed a document in; null where Tael did it by itself, or a command on its machine, which `after` then names.' })
  actorId: string | null;

  @Field(() => String, { description: 'What was done, for example EXECUTED.' })
  action: string;

  @Field(() => String, { nullable: true, description: 'What was changed, as it was before: a JSON object. Null where there was nothing.' })
  before: string | null;

  @Field(() => String, { nullable: true, description: 'The same as it was after.' })
  after: string | null;

  @Field(() => String)
  reason: string;
}

export const { Connection: AuditRecordConnection } = connectionTypes<AuditRecordType>('AuditRecord', () => AuditRecordType);
