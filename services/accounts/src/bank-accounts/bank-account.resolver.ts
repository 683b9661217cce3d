import { fromMoneyInput, principalOf, toUserErrors } from '@tael/graphql';
import type { Money } from '@tael/money';
import { GraphQLError } from 'graphql';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { BankUnavailable } from '../bank/bank.port';
import type { AccountsContext } from '../loaders';
import { viewPaymentMethod } from '../payment-methods/payment-method.resolver';
import { AddBankAccountInput, ConfirmBankAccountInput } from './bank-account.input';
import type { BankAccountService } from './bank-account.service';
import { AddBankAccountPayload, ConfirmBankAccountPayload } from './bank-account.type';

@Resolver()
export class BankAccountResolver {
  constructor(private readonly bankAccounts: BankAccountService) {}

  @Mutation(() => AddBankAccountPayload, {
    description:
      'Stores a bank account by a mandate: its number is never readable again. Top-ups pull from it and withdrawals pay to it ' +
      'once it is ACTIVE. The same account again gives the same payment method. Refusals: INVALID_INPUT, LIMIT_EXCEEDED (ten new ones a day, five that wait).',
  })
  async addBankAccount(
    @Arg('input', () => AddBankAccountInput) input: AddBankAccountInput, @Ctx() context: AccountsContext,
  ): Promise<AddBankAccountPayload> {
    const owner = ownerOf(context);
    const done = await whileBankAnswers(context, () => this.bankAccounts.add(owner, input));
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, context.identity.locale) };
    return { paymentMethod: viewPaymentMethod(done.paymentMethod), userErrors: [] };
  }

  @Mutation(() => ConfirmBankAccountPayload, {
    description: 'Says what the two small deposits were; after three wrong answers the account cannot be used.',
  })
  async confirmBankAccount(
    @Arg('input', () => ConfirmBankAccountInput) input: ConfirmBankAccountInput, @Ctx() context: AccountsContext,
  ): Promise<ConfirmBankAccountPayload> {
    const owner = ownerOf(context);
    const { locale } = context.identity;
    const deposits = readDeposits(input.amounts);
    if (!deposits.ok) return { userErrors: toUserErrors(deposits.refusals, locale) };
    const { amounts } = deposits;
    const { paymentMethodId } = input;
    const done = await whileBankAnswers(context, () => this.bankAccounts.confirm(owner, { paymentMethodId, amounts }));
    if (!done.ok) return { userErrors: toUserErrors(done.refusals, locale) };
    return { paymentMethod: viewPaymentMethod(done.paymentMethod), userErrors: [] };
  }
}

type Readable = { readonly ok: true; readonly amounts: readonly Money[] } | Extract<ReturnType<typeof fromMoneyInput>, { ok: false }>;

function ownerOf(context: AccountsContext): { personId: string; traceparent: string } {
  return { personId: principalOf(context).personId, traceparent: context.identity.traceparent };
}

/** Reads what somebody says the small deposits were; names the first that is no amount. */
export function readDeposits(given: ConfirmBankAccountInput['amounts']): Readable {
  const amounts: Money[] = [];
  for (const [index, one] of given.entries()) {
    const amount = fromMoneyInput(one, ['input', 'amounts', String(index)]);
    if (!amount.ok) return amount;
    amounts.push(amount.money);
  }
  return { ok: true, amounts };
}

/** Does what asks the bank, and says so where it does not answer. */
export async function whileBankAnswers<T>(context: AccountsContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BankUnavailable)) throw error;
    context.log.warn({ error }, 'the bank does not answer about an account');
    throw new GraphQLError('The bank does not answer at present. Try again in a moment.', {
      extensions: { code: 'SERVICE_UNAVAILABLE', retryable: true },
    });
  }
}
