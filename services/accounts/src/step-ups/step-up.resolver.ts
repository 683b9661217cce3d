import { fromMoneyInput, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { signedInOf } from '../callers';
import type { AccountsContext } from '../loaders';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import type { StepUpAction } from './step-up.domain';
import type { StepUp, StepUpApprovalService } from './step-up-approval.service';
import { ApproveStepUpInput, RequestStepUpInput } from './step-up.input';
import { ApproveStepUpPayload, RequestStepUpPayload, StepUpPurposeEnum, StepUpType } from './step-up.type';

const view = (stepUp: StepUp): StepUpType => ({ ...stepUp, purpose: StepUpPurposeEnum[stepUp.purpose] });

@Resolver(() => StepUpType)
export class StepUpResolver {
  constructor(private readonly approvals: StepUpApprovalService) {}

  @Mutation(() => RequestStepUpPayload, {
    description: 'Asks the second factor about one action. Approve it with a code, then give its id to the action.',
  })
  async requestStepUp(
    @Arg('input', () => RequestStepUpInput) input: RequestStepUpInput,
    @Ctx() context: AccountsContext,
  ): Promise<RequestStepUpPayload> {
    const asker = signedInOf(context);
    const read = actionOf(input);
    const done = read.ok ? await this.approvals.request(asker, read.action) : read;
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    return { stepUp: view(done.stepUp), userErrors: [] };
  }

  @Mutation(() => ApproveStepUpPayload)
  async approveStepUp(
    @Arg('input', () => ApproveStepUpInput) input: ApproveStepUpInput,
    @Ctx() context: AccountsContext,
  ): Promise<ApproveStepUpPayload> {
    const done = await this.approvals.approve(signedInOf(context), input);
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    return { stepUp: view(done.stepUp), userErrors: [] };
  }
}

/** Reads what a step-up is for: the details that its purpose needs, and no others. */
function actionOf(
  { purpose, payment, transfer, withdrawal, payoutAccount, payoutResumption, approval }: RequestStepUpInput,
): Outcome<{ action: StepUpAction }> {
  if (payment && purpose !== 'PAY_MERCHANT') return refuse('INVALID_INPUT', ['input', 'payment']);
  if (transfer && purpose !== 'SEND_MONEY') return refuse('INVALID_INPUT', ['input', 'transfer']);
  if (withdrawal && purpose !== 'WITHDRAW') return refuse('INVALID_INPUT', ['input', 'withdrawal']);
  if (payoutAccount && purpose !== 'SET_PAYOUT_ACCOUNT') return refuse('INVALID_INPUT', ['input', 'payoutAccount']);
  if (purpose === 'SET_PAYOUT_ACCOUNT') {
    return payoutAccount ? { ok: true, action: { purpose, ...payoutAccount } } : refuse('INVALID_INPUT', ['input', 'payoutAccount'], 'EMPTY');
  }
  if (payoutResumption && purpose !== 'RESUME_PAYOUTS') return refuse('INVALID_INPUT', ['input', 'payoutResumption']);
  if (purpose === 'RESUME_PAYOUTS') {
    return payoutResumption ? { ok: true, action: { purpose, ...payoutResumption } } : refuse('INVALID_INPUT', ['input', 'payoutResumption'], 'EMPTY');
  }
  if (approval && purpose !== 'APPROVE_REQUEST') return refuse('INVALID_INPUT', ['input', 'approval']);
  if (purpose === 'APPROVE_REQUEST') {
    return approval ? { ok: true, action: { purpose, ...approval } } : refuse('INVALID_INPUT', ['input', 'approval'], 'EMPTY');
  }
  if (purpose === 'PAY_MERCHANT') {
    if (!payment) return refuse('INVALID_INPUT', ['input', 'payment'], 'EMPTY');
    const amount = fromMoneyInput(payment.amount, ['input', 'payment', 'amount']);
    return amount.ok ? { ok: true, action: { purpose, ...payment, amount: amount.money } } : amount;
  }
  if (purpose === 'SEND_MONEY') {
    if (!transfer) return refuse('INVALID_INPUT', ['input', 'transfer'], 'EMPTY');
    const amount = fromMoneyInput(transfer.amount, ['input', 'transfer', 'amount']);
    return amount.ok ? { ok: true, action: { purpose, ...transfer, amount: amount.money } } : amount;
  }
  if (purpose === 'WITHDRAW') {
    if (!withdrawal) return refuse('INVALID_INPUT', ['input', 'withdrawal'], 'EMPTY');
    const amount = fromMoneyInput(withdrawal.amount, ['input', 'withdrawal', 'amount']);
    return amount.ok ? { ok: true, action: { purpose, ...withdrawal, amount: amount.money } } : amount;
  }
  return { ok: true, action: { purpose } };
}
