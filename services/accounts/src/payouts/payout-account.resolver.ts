import { fromMoneyInput, toUserErrors } from '@tael/graphql';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { ApprovalService } from '../approvals/approval.service';
import { ApprovalPayload } from '../approvals/approval.type';
import { approvalPayload } from '../approvals/approval.view';
import { readDeposits, whileBankAnswers } from '../bank-accounts/bank-account.resolver';
import { callerOf, operatorOf } from '../callers';
import { uuidOf } from '../ids.domain';
import type { AccountsContext } from '../loaders';
import { refuse } from '../outcomes/outcome.domain';
import { MerchantStub } from '../transactions/transaction.type';
import type { PayoutResumptionService } from './payout-resumption.service';
import { ConfirmPayoutAccountInput, RequestPayoutByHandInput, ResumePayoutsInput, SetPayoutAccountInput } from './payout-account.input';
import type { PayoutAccount, PayoutAccountService } from './payout-account.service';
import { PayoutHoldType } from './payout-hold.type';
import { ConfirmPayoutAccountPayload, type PayoutAccountStatusEnum, PayoutAccountType, ResumePayoutsPayload, SetPayoutAccountPayload } from './payout-account.type';

const view = ({ id, bankName, last4, status, usableFrom, createdAt }: PayoutAccount): PayoutAccountType => ({
  id, bankName, last4, status: status as keyof typeof PayoutAccountStatusEnum, usableFrom, createdAt,
});

/** Where a merchant is paid to. A Merchant may come here past its parent: who looks is asked here. */
@Resolver(() => MerchantStub)
export class PayoutAccountResolver {
  constructor(private readonly parts: { payoutAccounts: PayoutAccountService; payoutResumptions: PayoutResumptionService; operatorRequests: ApprovalService }) {}

  @FieldResolver(() => PayoutAccountType, {
    nullable: true, description: 'Where the merchant is paid to. For its owners and managers and for operators; null for everybody else, and where there is none.',
  })
  async payoutAccount(@Root() { id }: MerchantStub, @Ctx() { loaders }: AccountsContext): Promise<PayoutAccountType | null> {
    const account = (await loaders.settledMerchants.load(id)) ? await loaders.payoutAccounts.load(id) : undefined;
    return account ? view(account) : null;
  }

  @FieldResolver(() => PayoutHoldType, {
    nullable: true,
    description: 'Why the merchant is paid nothing; null where nothing holds its payouts. For its owners and managers and for operators; null for everybody else.',
  })
  async payoutHold(@Root() { id }: MerchantStub, @Ctx() { loaders }: AccountsContext): Promise<PayoutHoldType | null> {
    const hold = (await loaders.settledMerchants.load(id)) ? await loaders.payoutHolds.load(id) : undefined;
    if (!hold) return null;
    const failed = hold.reason === 'ACCOUNT_HELD' ? await loaders.resumablePayouts.load(id) : undefined;
    return {
      reason: hold.reason, until: hold.reason === 'WAITING' ? hold.until : null, payoutId: failed?.payoutId ?? null,
      resumptionsLeft: failed?.resumptionsLeft ?? null,
    };
  }

  @Mutation(() => SetPayoutAccountPayload, {
    description:
      'For owners of the merchant: says where it is paid to. An account that takes another\'s place waits a day, and so does one that is set within a day ' +
      'of a change of the owners; every owner is told, and whoever was one within 30 days. Refusals: ' +
      'INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, STEP_UP_REQUIRED, IDEMPOTENCY_KEY_REUSED.',
  })
  async setPayoutAccount(
    @Arg('input', () => SetPayoutAccountInput) input: SetPayoutAccountInput, @Ctx() context: AccountsContext,
  ): Promise<SetPayoutAccountPayload> {
    const caller = callerOf(context);
    const done = await whileBankAnswers(context, () => this.parts.payoutAccounts.set(caller, {
      ...input, stepUpId: input.stepUpId ?? undefined, idempotencyKey: input.idempotencyKey ?? undefined,
    }));
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    return { payoutAccount: view(done.payoutAccount), userErrors: [] };
  }

  @Mutation(() => ConfirmPayoutAccountPayload, {
    description: 'For owners of the merchant: says what the two small deposits were; after three wrong answers the account cannot be used.',
  })
  async confirmPayoutAccount(
    @Arg('input', () => ConfirmPayoutAccountInput) input: ConfirmPayoutAccountInput, @Ctx() context: AccountsContext,
  ): Promise<ConfirmPayoutAccountPayload> {
    const caller = callerOf(context);
    const { locale } = context.identity;
    const deposits = readDeposits(input.amounts);
    if (!deposits.ok) return { userErrors: toUserErrors(deposits.refusals, locale) };
    const { amounts } = deposits;
    const { merchantId } = input;
    const done = await whileBankAnswers(context, () => this.parts.payoutAccounts.confirm(caller, { merchantId, amounts }));
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, locale) };
    return { payoutAccount: view(done.payoutAccount), userErrors: [] };
  }

  @Mutation(() => ResumePayoutsPayload, {
    description:
      'For owners of the merchant: lets payouts go on to an account that is HELD, after the payout that failed or came back. Once for each such payout, three ' +
      'times until the account has taken one, and every owner is told; the same again changes nothing. Refusals: NOT_FOUND, NOT_ALLOWED, STEP_UP_REQUIRED.',
  })
  async resumePayouts(
    @Arg('input', () => ResumePayoutsInput) input: ResumePayoutsInput, @Ctx() context: AccountsContext,
  ): Promise<ResumePayoutsPayload> {
    const done = await this.parts.payoutResumptions.resume(callerOf(context), { ...input, stepUpId: input.stepUpId ?? undefined });
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    const account = await context.loaders.payoutAccounts.load(done.merchantId);
    return { ...(account ? { payoutAccount: view(account) } : {}), userErrors: [] };
  }

  @Mutation(() => ApprovalPayload, {
    description:
      'For operators: asks for a payout to a merchant by hand. It goes out once another operator approves, neither of whom has a part in it. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED, ' +
      'INSUFFICIENT_FUNDS, ALREADY_EXISTS, IDEMPOTENCY_KEY_REUSED, SESSION_EXPIRED.',
  })
  async requestPayoutByHand(
    @Arg('input', () => RequestPayoutByHandInput) input: RequestPayoutByHandInput, @Ctx() context: AccountsContext,
  ): Promise<ApprovalPayload> {
    const operator = operatorOf(context);
    const amount = fromMoneyInput(input.amount, ['input', 'amount']);
    if (!amount.ok) return { userErrors: toUserErrors(amount.refusals, context.identity.locale) };
    const subjectId = uuidOf(input.merchantId);
    if (!subjectId) return approvalPayload(refuse('NOT_FOUND', ['input', 'merchantId']), context);
    const { minor, currency } = amount.money;
    const { reason, idempotencyKey } = input;
    return approvalPayload(await this.parts.operatorRequests.request(operator, 'PAYOUT_BY_HAND', {
      subjectId, currency, amount: minor, payload: {}, reason, idempotencyKey,
    }), context);
  }
}
