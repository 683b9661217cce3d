import {
  type ConnectionOf, ForPartners, PageArgs, pageOf, partnerWithScope, principalWithRole, type SubgraphContext, toConnection, toUserErrors,
} from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { PartnerType } from '../partners/partner.type';
import type { SubgraphStatus } from './partner-subgraph.domain';
import type { SubgraphLoaders } from './partner-subgraph.loader';
import type { PartnerSubgraphService, SubgraphOutcome } from './partner-subgraph.service';
import {
  ApproveSubgraphInput, ApproveSubgraphPayload, PartnerSubgraphConnection, PartnerSubgraphStatusType, PartnerSubgraphType, PublishSubgraphInput,
  PublishSubgraphPayload, RejectSubgraphInput, RejectSubgraphPayload, SuspendSubgraphInput, SuspendSubgraphPayload, WithdrawSubgraphInput,
  WithdrawSubgraphPayload,
} from './partner-subgraph.type';

type Context = SubgraphContext<SubgraphLoaders>;
type Row = NonNullable<SubgraphOutcome['subgraph']>;
export type ListSubgraphs = (page: { limit: number; after: string | undefined; status: SubgraphStatus | undefined }) => Promise<Row[]>;

const SCOPE = 'subgraph:publish';
/** Gateways repeat twice a minute what they leave out: what none has said for so long is over. */
const LEFT_OUT_MS = 120_000;
const byId = (position: readonly string[]): boolean => position.length === 1 && isUuid(position[0]);

const problemsView = (problems: Row['problems']) => problems.map(({ code, place, message }) => ({ code, coordinate: place || null, reason: message }));

/** A publication as it is shown at a moment. */
const viewAt = (now: Date) => ({ problems, leftOutAt, leftOutReason, leftOutInstead, ...row }: Row): PartnerSubgraphType => {
  const isOut = row.status === 'LIVE' && leftOutAt !== null && now.getTime() - leftOutAt.getTime() < LEFT_OUT_MS;
  const leftOut = isOut ? { reason: leftOutReason ?? '', insteadId: leftOutInstead, triedAt: leftOutAt } : null;
  return { ...row, problems: problemsView(problems), leftOut };
};

function payload({ subgraph, problems, refusals }: SubgraphOutcome, { identity }: Context, now: Date): PublishSubgraphPayload {
  return {
    ...(subgraph ? { subgraph: viewAt(now)(subgraph) } : {}), problems: problemsView(problems), userErrors: toUserErrors(refusals, identity.locale),
  };
}

/** Lets operators alone through, and says in whose name the change is made. */
function operatorOf(context: Context) {
  const { personId } = principalWithRole(context, 'OPERATOR');
  return { actor: { kind: 'PERSON', id: personId }, traceparent: context.identity.traceparent } as const;
}

/** The subgraphs of banks: what a bank publishes at its door, and what operators decide. */
@Resolver(() => PartnerType)
export class PartnerSubgraphResolver {
  constructor(private readonly service: PartnerSubgraphService, private readonly list: ListSubgraphs, private readonly now: () => Date) {}

  @ForPartners()
  @FieldResolver(() => [PartnerSubgraphType], { description: 'The twenty newest publications of its subgraph, the newest first.' })
  async subgraphs(@Root() partner: PartnerType, @Ctx() context: Context): Promise<PartnerSubgraphType[]> {
    return (await context.loaders.partnerSubgraphs.load(partner.id)).map(viewAt(this.now()));
  }

  @Query(() => PartnerSubgraphConnection, { description: 'For operators: what banks have published, the newest first.' })
  async partnerSubgraphs(
    @Args(() => PageArgs) args: PageArgs,
    @Arg('status', () => PartnerSubgraphStatusType, { nullable: true }) status: SubgraphStatus | null | undefined,
    @Ctx() context: Context,
  ): Promise<ConnectionOf<PartnerSubgraphType>> {
    principalWithRole(context, 'OPERATOR');
    const page = pageOf(args, byId);
    const rows = await this.list({ limit: page.limit + 1, after: page.after?.[0], status: status ?? undefined });
    return toConnection(rows, page, { node: viewAt(this.now()), position: (row) => [row.id] });
  }

  @ForPartners()
  @Mutation(() => PublishSubgraphPayload, {
    description:
      'For partner banks: gives Tael a subgraph, or a new version of it. It is checked at once, and live when an operator approves; until then ' +
      'the one before is. Scope subgraph:publish. Refusals: INVALID_INPUT, NOT_ALLOWED, LIMIT_EXCEEDED.',
  })
  async publishSubgraph(
    @ForPartners() @Arg('input', () => PublishSubgraphInput) input: PublishSubgraphInput, @Ctx() context: Context,
  ): Promise<PublishSubgraphPayload> {
    const { partnerId, clientId } = partnerWithScope(context, SCOPE);
    const asking = { actor: { kind: 'PARTNER_CLIENT', id: clientId }, traceparent: context.identity.traceparent } as const;
    return payload(await this.service.publish(partnerId, input, asking), context, this.now());
  }

  @ForPartners()
  @Mutation(() => WithdrawSubgraphPayload, {
    description: 'For partner banks: takes a publication back; where it is live, it leaves the graph. Scope subgraph:publish. Refusals: NOT_FOUND, NOT_ALLOWED.',
  })
  async withdrawSubgraph(
    @ForPartners() @Arg('input', () => WithdrawSubgraphInput) input: WithdrawSubgraphInput, @Ctx() context: Context,
  ): Promise<WithdrawSubgraphPayload> {
    const { partnerId, clientId } = partnerWithScope(context, SCOPE);
    const asking = { actor: { kind: 'PARTNER_CLIENT', id: clientId }, traceparent: context.identity.traceparent } as const;
    return payload(await this.service.withdraw(input.id, partnerId, asking), context, this.now());
  }

  @Mutation(() => ApproveSubgraphPayload, {
    description:
      'For operators: lets a publication into the graph, checked once more against what is in it now; gateways have it within seconds. ' +
      'What is live is answered as it is. Refusals: INVALID_INPUT (see problems), NOT_FOUND, NOT_ALLOWED.',
  })
  async approveSubgraph(@Arg('input', () => ApproveSubgraphInput) input: ApproveSubgraphInput, @Ctx() context: Context): Promise<ApproveSubgraphPayload> {
    return payload(await this.service.approve(input, operatorOf(context)), context, this.now());
  }

  @Mutation(() => RejectSubgraphPayload, { description: 'For operators: says no to what waits. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.' })
  async rejectSubgraph(@Arg('input', () => RejectSubgraphInput) input: RejectSubgraphInput, @Ctx() context: Context): Promise<RejectSubgraphPayload> {
    return payload(await this.service.reject(input, operatorOf(context)), context, this.now());
  }

  @Mutation(() => SuspendSubgraphPayload, {
    description: 'For operators: takes what is live out of the graph; approving brings it back. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED.',
  })
  async suspendSubgraph(@Arg('input', () => SuspendSubgraphInput) input: SuspendSubgraphInput, @Ctx() context: Context): Promise<SuspendSubgraphPayload> {
    return payload(await this.service.suspend(input, operatorOf(context)), context, this.now());
  }
}
