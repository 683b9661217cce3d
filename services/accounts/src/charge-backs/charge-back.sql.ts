import { withWords } from '../ledger/closed-list.sql';

/** That a top-up went back to its card, what of it is owed, and what came of that. */
export const CHARGE_BACK_COLUMNS = `
  ALTER TABLE top_up ADD COLUMN "returnedAt" timestamptz;
  ALTER TABLE top_up ADD COLUMN "returnReason" text;
  ALTER TABLE top_up ADD COLUMN owed bigint NOT NULL DEFAULT 0;
  ALTER TABLE top_up ADD COLUMN collected bigint NOT NULL DEFAULT 0;
  ALTER TABLE top_up ADD COLUMN "writtenOff" bigint NOT NULL DEFAULT 0;
  ALTER TABLE top_up ADD CONSTRAINT top_up_return CHECK (CASE WHEN "returnedAt" IS NULL THEN "returnReason" IS NULL AND owed = 0
    ELSE status = 'SETTLED' AND "returnReason" IS NOT NULL AND "returnReason" IN ('DISPUTED', 'REFUNDED') AND owed BETWEEN 0 AND amount END) NOT VALID;
  ALTER TABLE top_up ADD CONSTRAINT top_up_debt
    CHECK (collected >= 0 AND "writtenOff" >= 0 AND collected + "writtenOff" <= owed) NOT VALID;
`;

export const CHARGE_BACK_WORDS = withWords({ table: 'ledger_tx', column: 'kind', constraint: 'ledger_tx_kind' }, ['CARD_RECEIVABLE']);

export const CHARGE_BACK_VALIDATIONS = `
  ALTER TABLE top_up VALIDATE CONSTRAINT top_up_return;
  ALTER TABLE top_up VALIDATE CONSTRAINT top_up_debt;
  ALTER TABLE ledger_tx VALIDATE CONSTRAINT ledger_tx_kind;
`;

/** Indexes of a table in use: each is built beside the traffic, in a migration of its own. */
export const OPEN_CARD_DEBTS = { name: 'top_up_open_debt', definition: 'ON top_up ("personId") WHERE owed > collected + "writtenOff"' };
export const CARD_DEBTS = { name: 'top_up_debt_id', definition: 'ON top_up (id) WHERE owed > collected + "writtenOff"' };

/** All debts of cards that there ever were, for operators. */
export const ALL_CARD_DEBTS = { name: 'top_up_owed', definition: 'ON top_up (id) WHERE owed > 0' };
