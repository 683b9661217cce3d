import { type ConnectionOf, PageArgs, pageOf, toConnection, toMoneyType, toUserErrors } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { ApprovalPayload } from '../approvals/approval.type';
import { approvalPayload } from '../approvals/approval.view';
import { AuditRecordConnection, type AuditRecordType } from '../audit/audit-record.type';
import { auditConnection, isIdPosition } from '../audit/audit-record.view';
import { operatorOf } from '../callers';
import type { AccountsContext } from '../loaders';
import type { Break } from './break.domain';
import { AssignBreakInput, BreaksArgs, NoteBreakInput, RequestBreakWriteOffInput, ResolveBreakInput } from './break.input';
import type { BreakOutcome, BreakService } from './break.service';
import { BreakConnection, BreakPayload, BreakType } from './break.type';

const toType = ({ difference, currency, ...row }: Break): BreakType => ({ ...row, difference: toMoneyType({ minor: difference, currency }) });

/** Breaks as operators see them and work them off. */
@Resolver(() => BreakType)
export class BreakResolver {
  constructor(private readonly service: BreakService) {}

  @Query(() => BreakType, { nullable: true, description: 'For operators: a break, or null.' })
  async break(@Arg('id', () => ID) id: string, @Ctx() context: AccountsContext): Promise<BreakType | null> {
    operatorOf(context);
    const found = await this.service.find(id);
    return found ? toType(found) : null;
  }

  @Query(() => BreakConnection, { description: 'For operators: what of the bank\'s bookings and the books does not fit, the newest first.' })
  async breaks(@Args(() => BreaksArgs) args: BreaksArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<BreakType>> {
    operatorOf(context);
    const page = pageOf(args, isIdPosition);
    const rows = await this.service.list({ status: args.status ?? undefined, limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, { node: toType, position: ({ id }) => [id] });
  }

  @FieldResolver(() => AuditRecordConnection, { description: 'What was done about it and noted, the newest first.' })
  auditTrail(
    @Root() { id }: BreakType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<AuditRecordType>> {
    operatorOf(context);
    return auditConnection(args, (page) => this.service.trail(id, page));
  }

  @Mutation(() => BreakPayload, { description: 'For operators: takes a break on oneself. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, SESSION_EXPIRED.' })
  async assignBreak(@Arg('input', () => AssignBreakInput) input: AssignBreakInput, @Ctx() context: AccountsContext): Promise<BreakPayload> {
    return payload(await this.service.assign(operatorOf(context), input), context);
  }

  @Mutation(() => BreakPayload, { description: 'For operators: adds a note that stays. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, SESSION_EXPIRED.' })
  async noteBreak(@Arg('input', () => NoteBreakInput) input: NoteBreakInput, @Ctx() context: AccountsContext): Promise<BreakPayload> {
    return payload(await this.service.note(operatorOf(context), input), context);
  }

  @Mutation(() => BreakPayload, {
    description: 'For operators: closes a break by what explains it. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, SESSION_EXPIRED.',
  })
  async resolveBreak(@Arg('input', () => ResolveBreakInput) input: ResolveBreakInput, @Ctx() context: AccountsContext): Promise<BreakPayload> {
    return payload(await this.service.resolve(operatorOf(context), { ...input, explainedBy: input.explainedBy ?? undefined }), context);
  }

  @Mutation(() => ApprovalPayload, {
    description:
      'For operators: asks for a break to be written off, whole; the books follow the bank once another operator approves. Refusals: INVALID_INPUT, ' +
      'NOT_FOUND, NOT_ALLOWED, ALREADY_EXISTS, IDEMPOTENCY_KEY_REUSED, SESSION_EXPIRED.',
  })
  async requestBreakWriteOff(
    @Arg('input', () => RequestBreakWriteOffInput) input: RequestBreakWriteOffInput, @Ctx() context: AccountsContext,
  ): Promise<ApprovalPayload> {
    return approvalPayload(await this.service.requestWriteOff(operatorOf(context), input), context);
  }
}

function payload(outcome: BreakOutcome, { identity }: AccountsContext): BreakPayload {
  return outcome.ok ? { break: toType(outcome.found), userErrors: [] } : { userErrors: toUserErrors(outcome.refusals, identity.locale) };
}
