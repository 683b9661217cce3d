import { type ConnectionOf, PageArgs, pageOf, toConnection } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { auditConnection, isIdPosition } from '../audit/audit-record.view';
import { AuditRecordConnection, type AuditRecordType } from '../audit/audit-record.type';
import { operatorOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { ApprovalsArgs, ApproveRequestInput, CancelRequestInput, RejectRequestInput } from './approval.input';
import type { ApprovalService } from './approval.service';
import { ApprovalConnection, ApprovalPayload, ApprovalType } from './approval.type';
import { approvalPayload, toApprovalType } from './approval.view';

/** What two operators decide together. */
@Resolver(() => ApprovalType)
export class ApprovalResolver {
  constructor(private readonly service: ApprovalService) {}

  @Query(() => ApprovalType, { nullable: true, description: 'For operators: a request that wants two persons, or null.' })
  async approval(@Arg('id', () => ID) id: string, @Ctx() context: AccountsContext): Promise<ApprovalType | null> {
    operatorOf(context);
    const found = await this.service.find(id);
    return found ? toApprovalType(found) : null;
  }

  @Query(() => ApprovalConnection, { description: 'For operators: requests that want two persons, the newest first.' })
  async approvals(@Args(() => ApprovalsArgs) args: ApprovalsArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<ApprovalType>> {
    operatorOf(context);
    const page = pageOf(args, isIdPosition);
    const rows = await this.service.list({ status: args.status ?? undefined, limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, { node: toApprovalType, position: ({ id }) => [id] });
  }

  @FieldResolver(() => AuditRecordConnection, { description: 'What was done about it, the newest first.' })
  auditTrail(
    @Root() { id }: ApprovalType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<AuditRecordType>> {
    operatorOf(context);
    return auditConnection(args, (page) => this.service.trail(id, page));
  }

  @Mutation(() => ApprovalPayload, {
    description:
      'For operators: approves a request of another operator, and does at once what it asks for. The rules are looked at again: refusals of what ' +
      'was asked for (INSUFFICIENT_FUNDS and the like) leave it waiting. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, STEP_UP_REQUIRED, SESSION_EXPIRED.',
  })
  async approveRequest(@Arg('input', () => ApproveRequestInput) input: ApproveRequestInput, @Ctx() context: AccountsContext): Promise<ApprovalPayload> {
    return approvalPayload(await this.service.approve(operatorOf(context), { ...input, stepUpId: input.stepUpId ?? undefined }), context);
  }

  @Mutation(() => ApprovalPayload, {
    description: 'For operators: rejects a request of another operator. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, SESSION_EXPIRED.',
  })
  async rejectRequest(@Arg('input', () => RejectRequestInput) input: RejectRequestInput, @Ctx() context: AccountsContext): Promise<ApprovalPayload> {
    return approvalPayload(await this.service.reject(operatorOf(context), input), context);
  }

  @Mutation(() => ApprovalPayload, {
    description: 'For operators: takes back a request of one\'s own. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, SESSION_EXPIRED.',
  })
  async cancelRequest(@Arg('input', () => CancelRequestInput) input: CancelRequestInput, @Ctx() context: AccountsContext): Promise<ApprovalPayload> {
    return approvalPayload(await this.service.cancel(operatorOf(context), input), context);
  }
}
