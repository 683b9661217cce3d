import { connectionTypes } from '@tael/graphql';
import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';

export enum CampaignActionType {
  CREATED = 'CREATED',
  ACTIVATED = 'ACTIVATED',
  PAUSED = 'PAUSED',
  ENDED = 'ENDED',
}

registerEnumType(CampaignActionType, { name: 'CampaignAction', description: 'ENDED: its time was over; nobody did it.' });

@ObjectType('CampaignAuditEntry', { description: 'Who changed a campaign, when, how and why. For operators.' })
export class CampaignAuditEntryType {
  @Field(() => ID)
  id: string;

  @Field(() => Date)
  at: Date;

  @Field(() => CampaignActionType)
  action: keyof typeof CampaignActionType;

  @Field(() => ID, { nullable: true, description: 'The operator; null where its time was over.' })
  actorId: string | null;

  @Field(() => String, { nullable: true, description: 'What was changed, as it was before: a JSON object. Null where there was nothing.' })
  before: string | null;

  @Field(() => String, { description: 'The same as it was after.' })
  after: string;

  @Field(() => String, { nullable: true, description: 'Null where none was given.' })
  reason: string | null;
}

export const { Connection: CampaignAuditEntryConnection, Edge: CampaignAuditEntryEdge } = connectionTypes('CampaignAuditEntry', () => CampaignAuditEntryType);
