import { isCurrencyCode } from '@tael/money';
import { type ConnectionOf, fromMoneyInput, PageArgs, pageOf, toConnection, toMoneyType, toUserErrors } from '@tael/graphql';
import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { AuditRecordConnection, type AuditRecordType } from '../audit/audit-record.type';
import { auditConnection } from '../audit/audit-record.view';
import { operatorOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { feeAt, type FeeVersion, type VersionedFee } from './fee-change.domain';
import { FeeSchedulesArgs, SetFeeScheduleInput } from './fee-schedule.input';
import { type FeeScheduleService, scheduleId } from './fee-schedule.service';
import { FeeScheduleConnection, FeeScheduleType, type FeeScheduleVersionType, SetFeeSchedulePayload } from './fee-schedule.type';

const VERSIONS_MAX = 100;

function toType({ kind, currency, versions }: VersionedFee, now: Date): FeeScheduleType {
  const toVersion = ({ minimum, maximum, ...version }: FeeVersion): FeeScheduleVersionType => ({
    ...version, minimum: toMoneyType({ minor: minimum, currency }), maximum: toMoneyType({ minor: maximum, currency }),
  });
  return {
    id: scheduleId({ kind, currency }), kind, currency, current: toVersion(feeAt(versions, now)), newestVersion: versions.length,
    versions: versions.slice(0, VERSIONS_MAX).map(toVersion),
  };
}

const isPosition = (position: readonly string[]): boolean => position.length === 2 && /^[A-Z_]+$/.test(position[0]!) && isCurrencyCode(position[1]!);

/** Fee schedules as operators see and change them. */
@Resolver(() => FeeScheduleType)
export class FeeScheduleResolver {
  constructor(private readonly schedules: FeeScheduleService) {}

  @Query(() => FeeScheduleConnection, { description: 'For operators: what people are charged, in order of kind and currency.' })
  async feeSchedules(@Args(() => FeeSchedulesArgs) args: FeeSchedulesArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<FeeScheduleType>> {
    operatorOf(context);
    const page = pageOf(args, isPosition);
    const after = page.after ? ([page.after[0]!, page.after[1]!] as const) : undefined;
    const rows = await this.schedules.list({ kind: args.kind ?? undefined, limit: page.limit + 1, after });
    const now = this.schedules.now();
    return toConnection(rows, page, { node: (row) => toType(row, now), position: ({ kind, currency }) => [kind, currency] });
  }

  @FieldResolver(() => AuditRecordConnection, { description: 'What was changed of it, the newest first.' })
  auditTrail(
    @Root() { id }: FeeScheduleType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<AuditRecordType>> {
    operatorOf(context);
    return auditConnection(args, (page) => this.schedules.trail(id, page));
  }

  @Mutation(() => SetFeeSchedulePayload, {
    description:
      'For operators: sets what people are charged from an instant on. Quotes that were given hold. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED where ' +
      'somebody changed it meanwhile, CURRENCY_MISMATCH, IDEMPOTENCY_KEY_REUSED, SESSION_EXPIRED.',
  })
  async setFeeSchedule(
    @Arg('input', () => SetFeeScheduleInput) input: SetFeeScheduleInput, @Ctx() context: AccountsContext,
  ): Promise<SetFeeSchedulePayload> {
    const operator = operatorOf(context);
    const { locale } = context.identity;
    const minimum = fromMoneyInput(input.minimum, ['input', 'minimum']);
    if (!minimum.ok) return { userErrors: toUserErrors(minimum.refusals, locale) };
    const maximum = fromMoneyInput(input.maximum, ['input', 'maximum']);
    if (!maximum.ok) return { userErrors: toUserErrors(maximum.refusals, locale) };
    const done = await this.schedules.set(operator, {
      ...input, minimum: minimum.money, maximum: maximum.money, effectiveFrom: input.effectiveFrom ?? undefined,
      idempotencyKey: input.idempotencyKey ?? undefined,
    });
    return done.ok ? { schedule: toType(done.fee, this.schedules.now()), userErrors: [] } : { userErrors: toUserErrors(done.refusals, locale) };
  }
}
