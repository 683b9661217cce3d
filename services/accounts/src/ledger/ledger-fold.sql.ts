import { LEDGER_FOLD_BY_ID } from './ledger.sql';

const TAKEN = 'SELECT id FROM pending_delta ORDER BY id LIMIT p_rows';

function foldOf(signature: string, condition: string): string {
  const changed = LEDGER_FOLD_BY_ID.replace('CREATE OR REPLACE FUNCTION ledger_fold(p_rows integer)', `CREATE FUNCTION ${signature}`)
    .replace(TAKEN, TAKEN.replace('ORDER BY', `WHERE ${condition} ORDER BY`));
  if (!changed.includes(signature) || !changed.includes(condition)) throw new Error('the function that folds has another text by now');
  return changed;
}

/** Folds as ledger_fold does, but leaves some accounts out: their deltas stay. Kept for programs of before; it reads through what it leaves out. */
export const LEDGER_FOLD_WITHOUT = foldOf('ledger_fold_without(p_rows integer, p_without uuid[])', '"accountId" <> ALL (p_without)');

/** Folds as ledger_fold does, but one account alone. */
export const LEDGER_FOLD_ACCOUNT = foldOf('ledger_fold_account(p_rows integer, p_account uuid)', '"accountId" = p_account');

/** As above; the account's deltas are found by the account, whatever the plan: by their ids, all those that are left out would be read first. */
export const LEDGER_FOLD_ACCOUNT_ALONE = LEDGER_FOLD_ACCOUNT.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION').replace(
  'FROM pending_delta WHERE "accountId" = p_account', 'FROM (SELECT id FROM pending_delta WHERE "accountId" = p_account OFFSET 0) own',
);

/** As above; what is taken is found by its ids one by one, or a plan made while one account has nearly all deltas walks past every one of them. */
export const LEDGER_FOLD_ACCOUNT_BY_ID = LEDGER_FOLD_ACCOUNT_ALONE.replace(/WHERE id IN \((SELECT [^]*? LIMIT p_rows)\)/, 'WHERE id = ANY (ARRAY($1))');
