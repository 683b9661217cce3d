import { connectionTypes, MoneyType, UserErrorType } from '@tael/graphql';
import { Directive, Field, ID, ObjectType, registerEnumType } from 'type-graphql';

export enum CampaignStatusType {
  DRAFT = 'DRAFT',
  ACTIVE = 'ACTIVE',
  PAUSED = 'PAUSED',
  ENDED = 'ENDED',
}

registerEnumType(CampaignStatusType, {
  name: 'CampaignStatus',
  description:
    'DRAFT: does nothing yet. ACTIVE: acts within its schedule. PAUSED: may be activated again. ENDED: its end has passed.',
});

@ObjectType('Campaign', {
  description: 'A campaign of the reward programme. A draft exists for operators only.',
})
@Directive('@key(fields: "id")')
export class CampaignType {
  @Field(() => ID)
  id: string;

  @Field(() => String)
  name: string;

  @Field(() => CampaignStatusType)
  status: keyof typeof CampaignStatusType;

  @Field(() => Date, { nullable: true })
  startsAt?: Date | undefined;

  @Field(() => Date, { nullable: true })
  endsAt?: Date | undefined;

  @Field(() => MoneyType, { nullable: true, description: 'All that the campaign may give away. For operators, else null.' })
  budget?: MoneyType | undefined;

  @Field(() => MoneyType, {
    nullable: true,
    description: 'What it has given so far, less what was taken back; granted rewards count at once. For operators, else null.',
  })
  spent?: MoneyType | undefined;
}

export const { Connection: CampaignConnection, Edge: CampaignEdge } = connectionTypes('Campaign', () => CampaignType);

@ObjectType()
export class CreateCampaignPayload {
  @Field(() => CampaignType, { nullable: true })
  campaign?: CampaignType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class ActivateCampaignPayload {
  @Field(() => CampaignType, { nullable: true })
  campaign?: CampaignType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class PauseCampaignPayload {
  @Field(() => CampaignType, { nullable: true })
  campaign?: CampaignType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
