import { connectionTypes } from '@tael/graphql';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';

/** What a field says in which an operator says why they change something of a merchant. */
export const OPERATORS_REASON =
  'For operators, who must say why: 1 to 500 characters for the audit trail, and nothing personal. What the merchant\'s own people say here is not kept.';

export enum AuditActorKindType {
  PERSON = 'PERSON',
  PARTNER_CLIENT = 'PARTNER_CLIENT',
  INVITATION = 'INVITATION',
  TAEL = 'TAEL',
}

registerEnumType(AuditActorKindType, {
  name: 'AuditActorKind',
  description:
    'Whose the id of an actor is: an operator, a client of a partner bank, or the invitation that somebody had the code of. TAEL: nobody, it was done by itself, and the id is all zeros.',
});

@ObjectType('AuditEntry', { description: 'Who changed what, when and why. For operators.' })
export class AuditEntryType {
  @Field(() => ID)
  id: string;

  @Field(() => Date)
  at: Date;

  @Field(() => AuditActorKindType)
  actorKind: keyof typeof AuditActorKindType;

  @Field(() => ID)
  actorId: string;

  @Field(() => String, { description: 'What was done, for example KEY_REVOKED.' })
  action: string;

  @Field(() => String, {
    nullable: true,
    description: 'What was changed, as it was before: a JSON object. Null where there was nothing.',
  })
  before?: string | undefined;

  @Field(() => String, { nullable: true, description: 'The same as it was after.' })
  after?: string | undefined;

  @Field(() => String)
  reason: string;
}

export const { Connection: AuditEntryConnection, Edge: AuditEntryEdge } = connectionTypes(
  'AuditEntry',
  () => AuditEntryType,
);
