import { badUserInput, type ConnectionOf, fromMoneyInput, pageOf, toConnection, toMoneyType } from '@tael/graphql';
import { isCurrencyCode } from '@tael/money';
import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { ApprovalService } from '../approvals/approval.service';
import { ApprovalPayload } from '../approvals/approval.type';
import { approvalPayload } from '../approvals/approval.view';
import { operatorOf } from '../callers';
import { uuidOf } from '../ids.domain';
import type { AccountsContext } from '../loaders';
import { refuse } from '../outcomes/outcome.domain';
import type { Owing, OwingService } from './owing.service';
import { OwingMerchantConnection, OwingMerchantsArgs, OwingMerchantType, RequestMerchantWriteOffInput } from './owing.type';

const isOwingPosition = ([owed, inflowId, ...rest]: readonly string[]): boolean =>
  rest.length === 0 && /^\d{1,18}$/.test(owed ?? '') && uuidOf(inflowId ?? '') !== undefined;

const toOwingType = ({ merchantId, currency, owed, writtenOff, since }: Owing): OwingMerchantType => (
  { merchant: { id: merchantId }, owed: toMoneyType({ minor: owed, currency }), writtenOff: toMoneyType({ minor: writtenOff, currency }), since });

/** Merchants that owe, as operators see them and write off what is owed. */
@Resolver(() => OwingMerchantType)
export class OwingResolver {
  constructor(private readonly owing: OwingService, private readonly approvals: ApprovalService) {}

  @Query(() => OwingMerchantConnection, { description: 'For operators: merchants that owe in a currency, those that owe most first.' })
  async owingMerchants(
    @Args(() => OwingMerchantsArgs) args: OwingMerchantsArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<OwingMerchantType>> {
    operatorOf(context);
    if (!isCurrencyCode(args.currency)) throw badUserInput('There is no such currency.', ['currency']);
    const page = pageOf(args, isOwingPosition);
    const [owed, inflowId] = page.after ?? [];
    const after = owed === undefined || inflowId === undefined ? undefined : { owed: BigInt(owed), inflowId };
    const rows = await this.owing.list(args.currency, { after, limit: page.limit + 1 });
    return toConnection(rows, page, { node: toOwingType, position: (row) => [String(row.owed), row.inflowId] });
  }

  @Mutation(() => ApprovalPayload, {
    description:
      'For operators: asks for what a merchant owes, or a part of it, to be written off: Tael bears it. It is done once another operator approves, neither of whom has a ' +
      'part in the merchant, of no more than can be written off then; its next settlement has it as an adjustment. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, ' +
      'ALREADY_EXISTS, IDEMPOTENCY_KEY_REUSED, SESSION_EXPIRED.',
  })
  async requestMerchantWriteOff(
    @Arg('input', () => RequestMerchantWriteOffInput) input: RequestMerchantWriteOffInput, @Ctx() context: AccountsContext,
  ): Promise<ApprovalPayload> {
    const operator = operatorOf(context);
    const amount = fromMoneyInput(input.amount, ['input', 'amount']);
    if (!amount.ok) return approvalPayload(amount, context);
    const subjectId = uuidOf(input.merchantId);
    if (!subjectId) return approvalPayload(refuse('NOT_FOUND', ['input', 'merchantId']), context);
    const { minor, currency } = amount.money;
    const { reason, idempotencyKey } = input;
    return approvalPayload(await this.approvals.request(operator, 'MERCHANT_WRITE_OFF', {
      subjectId, currency, amount: minor, payload: {}, reason, idempotencyKey,
    }), context);
  }
}
