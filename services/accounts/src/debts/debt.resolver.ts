import { type ConnectionOf, fromMoneyInput, MoneyType, PageArgs, pageOf, toConnection, toMoneyType } from '@tael/graphql';
import { currencyCode } from '@tael/money';
import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { ApprovalService } from '../approvals/approval.service';
import { ApprovalPayload } from '../approvals/approval.type';
import { approvalPayload } from '../approvals/approval.view';
import { AuditRecordConnection, type AuditRecordType } from '../audit/audit-record.type';
import { auditConnection, isIdPosition } from '../audit/audit-record.view';
import { operatorOf } from '../callers';
import { uuidOf } from '../ids.domain';
import type { AccountsContext } from '../loaders';
import { refuse } from '../outcomes/outcome.domain';
import { WalletType } from '../wallets/wallet.type';
import { debtStatus, openOf } from './debt.domain';
import { DebtsArgs, RequestDebtWriteOffInput } from './debt.input';
import { DebtConnection, DebtType } from './debt.type';
import type { Debt, DebtViewService } from './debt-view.service';

function toDebtType({ id, personId, walletId, currency, since, ...sums }: Debt): DebtType {
  const money = (minor: bigint) => toMoneyType({ minor, currency });
  return {
    id, personId, walletId, since, status: debtStatus(sums), owed: money(sums.owed), collected: money(sums.collected),
    writtenOff: money(sums.writtenOff), open: money(openOf(sums)),
  };
}

/** Debts as operators see and write them off. */
@Resolver(() => DebtType)
export class DebtResolver {
  constructor(private readonly views: DebtViewService, private readonly approvals: ApprovalService) {}

  @Query(() => DebtType, { nullable: true, description: 'For operators: the debt of a top-up that was taken back, or null.' })
  async debt(@Arg('id', () => ID) id: string, @Ctx() context: AccountsContext): Promise<DebtType | null> {
    operatorOf(context);
    const found = await this.views.find(id);
    return found ? toDebtType(found) : null;
  }

  @Query(() => DebtConnection, { description: 'For operators: what people owe, or owed, for top-ups that were taken back; that of the newest top-up first.' })
  async debts(@Args(() => DebtsArgs) args: DebtsArgs, @Ctx() context: AccountsContext): Promise<ConnectionOf<DebtType>> {
    operatorOf(context);
    const page = pageOf(args, isIdPosition);
    const rows = await this.views.list({ status: args.status ?? undefined, limit: page.limit + 1, after: page.after?.[0] });
    return toConnection(rows, page, { node: toDebtType, position: ({ id }) => [id] });
  }

  @FieldResolver(() => AuditRecordConnection, { description: 'What operators did about it, the newest first.' })
  auditTrail(
    @Root() { id }: DebtType, @Args(() => PageArgs) args: PageArgs, @Ctx() context: AccountsContext,
  ): Promise<ConnectionOf<AuditRecordType>> {
    operatorOf(context);
    return auditConnection(args, (page) => this.views.trail(id, page));
  }

  @Mutation(() => ApprovalPayload, {
    description:
      'For operators: asks for a debt, or a part of it, to be written off: Tael bears it, and its person may withdraw and send money again once nothing ' +
      'is open. It is done once another operator approves, of no more than is open then and the wallet cannot pay. Refusals: INVALID_INPUT, NOT_FOUND, ' +
      'NOT_ALLOWED, CURRENCY_MISMATCH, ALREADY_EXISTS, IDEMPOTENCY_KEY_REUSED, SESSION_EXPIRED.',
  })
  async requestDebtWriteOff(
    @Arg('input', () => RequestDebtWriteOffInput) input: RequestDebtWriteOffInput, @Ctx() context: AccountsContext,
  ): Promise<ApprovalPayload> {
    const operator = operatorOf(context);
    const amount = fromMoneyInput(input.amount, ['input', 'amount']);
    if (!amount.ok) return approvalPayload(amount, context);
    const subjectId = uuidOf(input.debtId);
    if (!subjectId) return approvalPayload(refuse('NOT_FOUND', ['input', 'debtId']), context);
    const { minor, currency } = amount.money;
    const { reason, idempotencyKey } = input;
    return approvalPayload(await this.approvals.request(operator, 'DEBT_WRITE_OFF', {
      subjectId, currency, amount: minor, payload: {}, reason, idempotencyKey,
    }), context);
  }
}

/** What the person of a wallet sees of a debt. A Wallet stands in an answer only for its owner. */
@Resolver(() => WalletType)
export class WalletDebtResolver {
  @FieldResolver(() => MoneyType, {
    description:
      'What you owe of top-ups of this wallet that your bank or card took back after they were spent; zero where you owe nothing. Money that comes in settles it ' +
      'first, within seconds. Until then you can neither withdraw nor send money, from any of your wallets.',
  })
  async owed(@Root() { id, currency }: WalletType, @Ctx() { loaders }: AccountsContext): Promise<MoneyType> {
    return toMoneyType({ minor: await loaders.owed.load(id), currency: currencyCode(currency) });
  }
}
