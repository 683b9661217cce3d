import {
  type ConnectionOf,
  PageArgs,
  pageOf,
  principalOf,
  type SubgraphContext,
  toConnection,
  toUserErrors,
} from '@tael/graphql';
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { Create__Entity__Input } from './__entityFile__.input';
import type { Loaders } from './__entityFile__.loader';
import type { __Entity__Service } from './__entityFile__.service';
import { __Entity__Connection, __Entity__Type, Create__Entity__Payload } from './__entityFile__.type';

type Context = SubgraphContext<Loaders>;

@Resolver(() => __Entity__Type)
export class __Entity__Resolver {
  constructor(private readonly service: __Entity__Service) {}

  @Query(() => __Entity__Type, { nullable: true, description: 'One of the viewer, or null.' })
  async __entity__(@Arg('id', () => ID) id: string, @Ctx() context: Context): Promise<__Entity__Type | null> {
    principalOf(context);
    return context.loaders.__entity__.load(id);
  }

  @Query(() => __Entity__Connection, { description: 'All of the viewer, the oldest first.' })
  async __entities__(
    @Args(() => PageArgs) args: PageArgs,
    @Ctx() context: Context,
  ): Promise<ConnectionOf<__Entity__Type>> {
    const { personId } = principalOf(context);
    const page = pageOf(args, (position) => position.length === 1 && isUuid(position[0]));
    const rows = await this.service.list(personId, { limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, { node: (row) => row, position: (row) => [row.id] });
  }

  @Mutation(() => Create__Entity__Payload, { description: 'Creates one for the viewer. Refusals: INVALID_INPUT.' })
  async create__Entity__(
    @Arg('input', () => Create__Entity__Input) input: Create__Entity__Input,
    @Ctx() context: Context,
  ): Promise<Create__Entity__Payload> {
    const outcome = await this.service.create(input, principalOf(context).personId);
    if (outcome.ok) return { __entity__: outcome.__entity__, userErrors: [] };
    return { userErrors: toUserErrors(outcome.refusals, context.identity.locale) };
  }
}
