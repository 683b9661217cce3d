import { fromMoneyInput, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { ApprovalService } from '../approvals/approval.service';
import { ApprovalPayload } from '../approvals/approval.type';
import { approvalPayload } from '../approvals/approval.view';
import { operatorOf } from '../callers';
import { uuidOf } from '../ids.domain';
import type { AccountsContext } from '../loaders';
import { refuse } from '../outcomes/outcome.domain';
import { RequestManualAdjustmentInput } from './adjustment.input';

@Resolver()
export class AdjustmentResolver {
  constructor(private readonly approvals: ApprovalService) {}

  @Mutation(() => ApprovalPayload, {
    description:
      'For operators: asks for money to be put into a wallet, or taken out of it, by hand. It moves once another operator approves. Refusals: ' +
      'INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, CURRENCY_MISMATCH, INSUFFICIENT_FUNDS, IDEMPOTENCY_KEY_REUSED, SESSION_EXPIRED.',
  })
  async requestManualAdjustment(
    @Arg('input', () => RequestManualAdjustmentInput) input: RequestManualAdjustmentInput, @Ctx() context: AccountsContext,
  ): Promise<ApprovalPayload> {
    const operator = operatorOf(context);
    const amount = fromMoneyInput(input.amount, ['input', 'amount']);
    if (!amount.ok) return { userErrors: toUserErrors(amount.refusals, context.identity.locale) };
    const subjectId = uuidOf(input.walletId);
    if (!subjectId) return approvalPayload(refuse('NOT_FOUND', ['input', 'walletId']), context);
    const { minor, currency } = amount.money;
    const { direction, reason, idempotencyKey } = input;
    return approvalPayload(await this.approvals.request(operator, 'MANUAL_ADJUSTMENT', {
      subjectId, currency, amount: minor, payload: { direction }, reason, idempotencyKey,
    }), context);
  }
}
