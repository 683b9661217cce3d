import { toUserErrors, type UserErrorType } from '@tael/graphql';
import { viewerOf } from '../callers';
import type { AccountsContext } from '../loaders';
import type { Outcome } from '../outcomes/outcome.domain';
import { type TransactionRecord, viewTransaction } from './transaction.domain';
import type { TransactionType } from './transaction.type';
import { toTransactionType } from './transaction.view';

/**
 * Writes the answer of a money mutation: the transaction as the caller sees it, or why there is none. A record that was just
 * made is shown as it is, another is read.
 */
export async function transactionAnswer(
  context: AccountsContext, answer: Outcome<{ transactionId: string; record?: TransactionRecord }>,
): Promise<{ transaction?: TransactionType; userErrors: UserErrorType[] }> {
  if (!answer.ok) return { userErrors: toUserErrors(answer.refusals, context.identity.locale) };
  const { transactionId, record } = answer;
  const viewer = viewerOf(context.identity);
  const view = record && viewer ? viewTransaction(record, viewer) : await context.loaders.transactions.load(transactionId);
  if (!view) throw new Error(`transaction ${transactionId} was answered but is not there`);
  return { transaction: toTransactionType(view), userErrors: [] };
}
