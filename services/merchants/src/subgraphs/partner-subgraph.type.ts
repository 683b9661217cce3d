import { connectionTypes, ForPartners, showToPartners, UserErrorType } from '@tael/graphql';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';

export enum PartnerSubgraphStatusType {
  REFUSED = 'REFUSED',
  PUBLISHED = 'PUBLISHED',
  LIVE = 'LIVE',
  REJECTED = 'REJECTED',
  REPLACED = 'REPLACED',
  SUSPENDED = 'SUSPENDED',
  WITHDRAWN = 'WITHDRAWN',
}

registerEnumType(PartnerSubgraphStatusType, {
  name: 'PartnerSubgraphStatus',
  description:
    'REFUSED: the check found problems. PUBLISHED: waits for an operator. LIVE: in the graph. REJECTED: an operator said no. ' +
    'REPLACED: a newer one took its place. SUSPENDED: an operator took it out. WITHDRAWN: the bank took it back.',
});

showToPartners('PartnerSubgraphStatus');

@ObjectType('PartnerSubgraphProblem', { description: 'Why a subgraph is not taken: docs/partners/subgraph.md has the codes.' })
@ForPartners()
export class PartnerSubgraphProblemType {
  @Field(() => String)
  code: string;

  @Field(() => String, { nullable: true, description: 'Where: a coordinate such as Wallet.nordbankCredit; null where it is the schema as a whole.' })
  coordinate: string | null;

  @Field(() => String)
  reason: string;
}

@ObjectType('PartnerSubgraphLeftOut', { description: 'That a live subgraph does not fit into the graph as it is now, and what follows from that.' })
@ForPartners()
export class PartnerSubgraphLeftOutType {
  @Field(() => String, { description: 'Why, in the words of the composer.' })
  reason: string;

  @Field(() => ID, { nullable: true, description: 'The publication of the bank that is in the graph in its place; null where it has none there.' })
  insteadId: string | null;

  @Field(() => Date, { description: 'When a gateway last tried.' })
  triedAt: Date;
}

@ObjectType('PartnerSubgraph', { description: 'One publication of the subgraph of a partner bank.' })
@ForPartners()
export class PartnerSubgraphType {
  @Field(() => ID)
  id: string;

  @Field(() => ID)
  partnerId: string;

  @Field(() => String)
  slug: string;

  @Field(() => String, { description: 'Where it is asked; signatures are over exactly this.' })
  address: string;

  @Field(() => String)
  sdl: string;

  @Field(() => Int, { description: 'Counts the publications of the bank.' })
  version: number;

  @Field(() => PartnerSubgraphStatusType)
  status: keyof typeof PartnerSubgraphStatusType;

  @Field(() => [PartnerSubgraphProblemType], { description: 'What the last check found.' })
  problems: readonly PartnerSubgraphProblemType[];

  @Field(() => String, { nullable: true, description: 'What the operator said who decided last.' })
  reason: string | null;

  @Field(() => Date)
  publishedAt: Date;

  @Field(() => Date, { nullable: true, description: 'When it came into the graph, last.' })
  liveAt: Date | null;

  @Field(() => PartnerSubgraphLeftOutType, {
    nullable: true,
    description: 'Where it is LIVE and a gateway could not take it in within the last two minutes; null where all have it. Publish another that composes.',
  })
  leftOut: PartnerSubgraphLeftOutType | null;
}

export const { Connection: PartnerSubgraphConnection, Edge: PartnerSubgraphEdge } = connectionTypes('PartnerSubgraph', () => PartnerSubgraphType);

@InputType()
@ForPartners()
export class PublishSubgraphInput {
  @Field(() => String, { description: 'What the names in the schema are made of: three to twenty small letters and digits.' })
  slug: string;

  @Field(() => String, { description: 'https, port 443 or 8443, a public host.' })
  address: string;

  @Field(() => String, { description: 'The schema, 64 KiB at most.' })
  sdl: string;
}

@InputType()
@ForPartners()
export class WithdrawSubgraphInput {
  @Field(() => ID)
  id: string;
}

const REASON = { description: 'Why, for the audit trail and for the bank to read: 1 to 500 characters, and nothing personal.' };

@InputType()
export class ApproveSubgraphInput {
  @Field(() => ID)
  id: string;

  @Field(() => String, REASON)
  reason: string;
}

@InputType()
export class RejectSubgraphInput {
  @Field(() => ID)
  id: string;

  @Field(() => String, REASON)
  reason: string;
}

@InputType()
export class SuspendSubgraphInput {
  @Field(() => ID)
  id: string;

  @Field(() => String, REASON)
  reason: string;
}

@ObjectType()
@ForPartners()
export class PublishSubgraphPayload {
  @Field(() => PartnerSubgraphType, { nullable: true, description: 'Null where it could not even be kept.' })
  subgraph?: PartnerSubgraphType | undefined;

  @Field(() => [PartnerSubgraphProblemType], { description: 'All that speaks against it, at once.' })
  problems: readonly PartnerSubgraphProblemType[];

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
@ForPartners()
export class WithdrawSubgraphPayload {
  @Field(() => PartnerSubgraphType, { nullable: true })
  subgraph?: PartnerSubgraphType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class ApproveSubgraphPayload {
  @Field(() => PartnerSubgraphType, { nullable: true })
  subgraph?: PartnerSubgraphType | undefined;

  @Field(() => [PartnerSubgraphProblemType], { description: 'What speaks against it now, where it is refused for that.' })
  problems: readonly PartnerSubgraphProblemType[];

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class RejectSubgraphPayload {
  @Field(() => PartnerSubgraphType, { nullable: true })
  subgraph?: PartnerSubgraphType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}

@ObjectType()
export class SuspendSubgraphPayload {
  @Field(() => PartnerSubgraphType, { nullable: true })
  subgraph?: PartnerSubgraphType | undefined;

  @Field(() => [UserErrorType])
  userErrors: UserErrorType[];
}
