import { type ConnectionOf, PageArgs, pageOf, toConnection } from '@tael/graphql';
import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { AuditRecordConnection, type AuditRecordType } from '../audit/audit-record.type';
import { auditConnection, isIdPosition } from '../audit/audit-record.view';
import { operatorOf } from '../callers';
import type { AccountsContext } from '../loaders';
import type { OperatorService } from './operator.service';
import { OperatorConnection, OperatorType } from './operator.type';

/** Who the operators are, for each other to see. */
@Resolver(() => OperatorType)
export class OperatorResolver {
  constructor(private readonly service: OperatorService) {}

  @Query(() => OperatorConnection, { description: 'For operators: who has the role, since when, by whom and why. No operation gives or takes it.' })
  async operators(@Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<OperatorType>> {
    operatorOf(context);
    const page = pageOf(args, isIdPosition);
    const rows = await this.service.list({ limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, { node: (row) => row, position: ({ id }) => [id] });
  }

  @FieldResolver(() => AuditRecordConnection, { description: 'When the role was given and taken, by whom and why; the newest first.' })
  auditTrail(
    @Root() { id }: OperatorType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<AuditRecordType>> {
    operatorOf(context);
    return auditConnection(args, (page) => this.service.trail(id, page));
  }
}
