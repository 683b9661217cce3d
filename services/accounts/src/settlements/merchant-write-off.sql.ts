import { withWords } from '../ledger/closed-list.sql';

export const MERCHANT_WRITE_OFF_WORDS = [
  withWords({ table: 'ledger_tx', column: 'kind', constraint: 'ledger_tx_kind' }, ['MERCHANT_WRITE_OFF']),
  withWords({ table: 'approval', column: 'kind', constraint: 'approval_kind' }, ['MERCHANT_WRITE_OFF']),
];

export const MERCHANT_WRITE_OFF_VALIDATIONS = `
  ALTER TABLE ledger_tx VALIDATE CONSTRAINT ledger_tx_kind;
  ALTER TABLE approval VALIDATE CONSTRAINT approval_kind;
`;

/** What was written off of merchants: hardly any of all transactions. Built beside the traffic. */
export const MERCHANT_WRITE_OFFS = {
  name: 'ledger_tx_merchant_write_off', definition: `ON ledger_tx ("merchantId", currency) WHERE kind = 'MERCHANT_WRITE_OFF'`,
};

/** What was written off of the merchant of a cursor (c) and stands on its inflow: no batch has it yet, whether or not it is folded. */
export const STANDING_WRITE_OFFS =
  `(SELECT coalesce(sum(w.amount), 0)::bigint FROM ledger_tx w
    WHERE w.kind = 'MERCHANT_WRITE_OFF' AND w."merchantId" = c."merchantId" AND w.currency = c.currency AND NOT EXISTS (
      SELECT 1 FROM entry e WHERE e."txId" = w.id AND e."accountId" = c."inflowId" AND e."accountVersion" <= c."closedVersion"))`;
