import { toUserErrors, type UserErrorType } from '@tael/graphql';
import type { AccountsContext } from '../loaders';
import type { Outcome } from '../outcomes/outcome.domain';
import type { TransactionType } from './transaction.type';
import { toTransactionType } from './transaction.view';

/** Writes the answer of a money mutation: the transaction as the caller sees it, or why there is none. */
export async function transactionAnswer(
  context: AccountsContext, answer: Outcome<{ transactionId: string }>,
): Promise<{ transaction?: TransactionType; userErrors: UserErrorType[] }> {
  if (!answer.ok) return { userErrors: toUserErrors(answer.refusals, context.identity.locale) };
  const view = await context.loaders.transactions.load(answer.transactionId);
  if (!view) throw new Error(`transaction ${answer.transactionId} was answered but is not there`);
  return { transaction: toTransactionType(view), userErrors: [] };
}
