import { type ConnectionOf, PageArgs, pageOf, toConnection, toUserErrors } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { AuditRecordConnection, type AuditRecordType } from '../audit/audit-record.type';
import { auditConnection, isIdPosition } from '../audit/audit-record.view';
import { operatorOf } from '../callers';
import type { AccountsContext } from '../loaders';
import type { ConsentOrderService } from './consent-order.service';
import { ConsentOrderConnection, ConsentOrdersArgs, ConsentOrderType, EndConsentsInput, EndConsentsPayload } from './consent-order.type';

/** Orders to end all consents of a bank, as operators give and see them. */
@Resolver(() => ConsentOrderType)
export class ConsentOrderResolver {
  constructor(private readonly orders: ConsentOrderService) {}

  @Query(() => ConsentOrderType, { nullable: true, description: 'For operators: an order to end all consents of a bank, or null.' })
  async consentOrder(@Arg('id', () => ID) id: string, @Ctx() context: AccountsContext): Promise<ConsentOrderType | null> {
    operatorOf(context);
    return (await this.orders.find(id)) ?? null;
  }

  @Query(() => ConsentOrderConnection, { description: 'For operators: the orders to end all consents of a bank, the newest first.' })
  async consentOrders(@Args(() => ConsentOrdersArgs) args: ConsentOrdersArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<ConsentOrderType>> {
    operatorOf(context);
    const page = pageOf(args, isIdPosition);
    const rows = await this.orders.list({ partnerId: args.partnerId ?? undefined, limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, { node: (row) => row, position: ({ id }) => [id] });
  }

  @FieldResolver(() => AuditRecordConnection, { description: 'Who ordered it and why, and its end; the newest first. What was ended stands in the trail of each consent.' })
  auditTrail(
    @Root() { id }: ConsentOrderType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<AuditRecordType>> {
    operatorOf(context);
    return auditConnection(args, (page) => this.orders.trail(id, page));
  }

  @Mutation(() => EndConsentsPayload, {
    description:
      'For operators: ends all consents of a bank. With the answer none of them stands any more and none can be given; then they are ended one by one, and each person is told. Once ' +
      'that is finished people can consent anew: a bank that shall not ask again is suspended, too. Refusals: INVALID_INPUT, NOT_FOUND, ALREADY_EXISTS (an order of that bank runs), ' +
      'IDEMPOTENCY_KEY_REUSED, SESSION_EXPIRED.',
  })
  async endConsents(@Arg('input', () => EndConsentsInput) input: EndConsentsInput, @Ctx() context: AccountsContext): Promise<EndConsentsPayload> {
    const done = await this.orders.order(operatorOf(context), input);
    return done.ok ? { order: done.order, userErrors: [] } : { userErrors: toUserErrors(done.refusals, context.identity.locale) };
  }
}
