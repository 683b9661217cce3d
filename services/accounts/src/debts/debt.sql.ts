import { withWords } from '../ledger/closed-list.sql';

/** What came of what is owed after a returned top-up. */
export const DEBT_COLUMNS = `
  ALTER TABLE bank_order ADD COLUMN collected bigint NOT NULL DEFAULT 0;
  ALTER TABLE bank_order ADD COLUMN "writtenOff" bigint NOT NULL DEFAULT 0;
  ALTER TABLE bank_order ADD CONSTRAINT bank_order_debt
    CHECK (collected >= 0 AND "writtenOff" >= 0 AND collected + "writtenOff" <= owed) NOT VALID;
`;

export const DEBT_WORDS = [
  withWords({ table: 'ledger_tx', column: 'kind', constraint: 'ledger_tx_kind' }, ['DEBT_COLLECTION', 'DEBT_WRITE_OFF']),
  withWords({ table: 'approval', column: 'kind', constraint: 'approval_kind' }, ['DEBT_WRITE_OFF']),
];

export const DEBT_VALIDATIONS = `
  ALTER TABLE bank_order VALIDATE CONSTRAINT bank_order_debt;
  ALTER TABLE ledger_tx VALIDATE CONSTRAINT ledger_tx_kind;
  ALTER TABLE approval VALIDATE CONSTRAINT approval_kind;
`;

/** Indexes of a table in use: each is built beside the traffic, in a migration of its own. */
export const OPEN_DEBTS = { name: 'bank_order_open_debt', definition: 'ON bank_order ("personId") WHERE owed > collected + "writtenOff"' };
export const DEBTS = { name: 'bank_order_debt_id', definition: 'ON bank_order (id) WHERE owed > collected + "writtenOff"' };

/** All debts that there ever were, for operators. */
export const ALL_DEBTS = { name: 'bank_order_owed', definition: 'ON bank_order (id) WHERE owed > 0' };
