import { type ConnectionOf, fromMoneyInput, PageArgs, pageOf, toConnection, toMoneyType, toUserErrors } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { ApprovalService } from '../approvals/approval.service';
import { ApprovalPayload } from '../approvals/approval.type';
import { approvalPayload } from '../approvals/approval.view';
import { AuditRecordConnection, type AuditRecordType } from '../audit/audit-record.type';
import { auditConnection } from '../audit/audit-record.view';
import { operatorOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { type LimitVersion, type VersionedLimit, versionAt } from './limit-change.domain';
import { LimitsArgs, RequestLimitRaiseInput, SetLimitInput } from './limit.input';
import { limitSubjectId } from './limit-raise.handler';
import { LimitConnection, LimitType, type LimitVersionType, SetLimitPayload } from './limit.type';
import { isLimitId, type LimitVersionService } from './limit-version.service';

const VERSIONS_MAX = 100;

function toType({ versions, currency, ...limit }: VersionedLimit, now: Date): LimitType {
  const toVersion = ({ cap, ...version }: LimitVersion): LimitVersionType => ({
    ...version, amount: currency ? toMoneyType({ minor: cap, currency }) : null, count: limit.measure === 'COUNT' ? Number(cap) : null,
  });
  return {
    ...limit, currency, current: toVersion(versionAt(versions, now)), newestVersion: versions[0]!.version,
    versions: versions.slice(0, VERSIONS_MAX).map(toVersion),
  };
}

/** Limits as operators see and change them. */
@Resolver(() => LimitType)
export class LimitResolver {
  constructor(private readonly parts: { limitVersions: LimitVersionService; operatorRequests: ApprovalService }) {}

  @Query(() => LimitType, { nullable: true, description: 'For operators: a limit, or null.' })
  async limit(@Arg('id', () => ID) id: string, @Ctx() context: AccountsContext): Promise<LimitType | null> {
    operatorOf(context);
    const found = await this.parts.limitVersions.find(id);
    return found ? toType(found, this.parts.limitVersions.now()) : null;
  }

  @Query(() => LimitConnection, { description: 'For operators: what bounds people, in order of the names.' })
  async limits(@Args(() => LimitsArgs) args: LimitsArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<LimitType>> {
    operatorOf(context);
    const page = pageOf(args, (position) => position.length === 1 && isLimitId(position[0]!));
    const rows = await this.parts.limitVersions.list({ kind: args.kind ?? undefined, limit: page.limit + 1, after: page.after?.[0] });
    const now = this.parts.limitVersions.now();
    return toConnection(rows, page, { node: (row) => toType(row, now), position: ({ id }) => [id] });
  }

  @FieldResolver(() => AuditRecordConnection, { description: 'What was changed of it, the newest first.' })
  auditTrail(
    @Root() { id }: LimitType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<AuditRecordType>> {
    operatorOf(context);
    return auditConnection(args, (page) => this.parts.limitVersions.trail(id, page));
  }

  @Mutation(() => SetLimitPayload, {
    description:
      'For operators: lowers a limit, or sets one on a count, from an instant on. A raise of an amount wants two persons: requestLimitRaise. Refusals: ' +
      'INVALID_INPUT, NOT_FOUND, NOT_ALLOWED (also where somebody changed it meanwhile), CURRENCY_MISMATCH, IDEMPOTENCY_KEY_REUSED, SESSION_EXPIRED.',
  })
  async setLimit(@Arg('input', () => SetLimitInput) input: SetLimitInput, @Ctx() context: AccountsContext): Promise<SetLimitPayload> {
    const operator = operatorOf(context);
    const { locale } = context.identity;
    const amount = input.amount ? fromMoneyInput(input.amount, ['input', 'amount']) : undefined;
    if (amount?.ok === false) return { userErrors: toUserErrors(amount.refusals, locale) };
    const done = await this.parts.limitVersions.set(operator, {
      ...input, amount: amount?.money, count: input.count ?? undefined, effectiveFrom: input.effectiveFrom ?? undefined,
      idempotencyKey: input.idempotencyKey ?? undefined,
    });
    return done.ok ? { limit: toType(done.limit, this.parts.limitVersions.now()), userErrors: [] } : { userErrors: toUserErrors(done.refusals, locale) };
  }

  @Mutation(() => ApprovalPayload, {
    description:
      'For operators: asks for a limit on amounts to be raised. It is once another operator approves. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED ' +
      '(also where somebody changed it meanwhile), CURRENCY_MISMATCH, ALREADY_EXISTS, IDEMPOTENCY_KEY_REUSED, SESSION_EXPIRED.',
  })
  async requestLimitRaise(
    @Arg('input', () => RequestLimitRaiseInput) input: RequestLimitRaiseInput, @Ctx() context: AccountsContext,
  ): Promise<ApprovalPayload> {
    const operator = operatorOf(context);
    const amount = fromMoneyInput(input.amount, ['input', 'amount']);
    if (!amount.ok) return { userErrors: toUserErrors(amount.refusals, context.identity.locale) };
    const { limitId, expectedVersion, reason, idempotencyKey } = input;
    const payload = { limitId, expectedVersion, effectiveFrom: input.effectiveFrom?.toISOString() ?? null };
    const { minor, currency } = amount.money;
    return approvalPayload(await this.parts.operatorRequests.request(operator, 'LIMIT_RAISE', {
      subjectId: limitSubjectId(limitId), currency, amount: minor, payload, reason, idempotencyKey,
    }), context);
  }
}
