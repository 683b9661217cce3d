/** Tables of what rewards asked for and what came of it. */
export const REWARD_TABLES = `
  CREATE TABLE reward_grant (
    "grantId" uuid CONSTRAINT reward_grant_pkey PRIMARY KEY,
    kind text NOT NULL,
    "campaignId" uuid NOT NULL,
    "personId" uuid NOT NULL,
    "walletId" uuid,
    currency text NOT NULL,
    amount bigint NOT NULL,
    "sourceTransactionId" uuid NOT NULL,
    status text NOT NULL,
    "transactionId" uuid CONSTRAINT reward_grant_tx REFERENCES ledger_tx,
    reversed bigint NOT NULL,
    "receivedAt" timestamptz NOT NULL,
    CONSTRAINT reward_grant_amounts CHECK (amount > 0 AND reversed >= 0 AND reversed <= amount),
    CONSTRAINT reward_grant_status CHECK (status IN ('WAITING', 'POSTED', 'REFUSED')
      AND (status = 'POSTED') = ("transactionId" IS NOT NULL))
  );
  CREATE INDEX reward_grant_waiting ON reward_grant ("campaignId") WHERE status = 'WAITING';

  CREATE TABLE reward_reversal (
    "reversalId" uuid CONSTRAINT reward_reversal_pkey PRIMARY KEY,
    "grantId" uuid NOT NULL,
    amount bigint NOT NULL,
    status text NOT NULL,
    taken bigint NOT NULL,
    owed bigint NOT NULL,
    "receivedAt" timestamptz NOT NULL,
    CONSTRAINT reward_reversal_amounts CHECK (amount > 0 AND taken >= 0 AND owed >= 0 AND taken + owed <= amount),
    CONSTRAINT reward_reversal_status CHECK (status IN ('WAITING', 'DONE'))
  );
  CREATE INDEX reward_reversal_grant ON reward_reversal ("grantId");

  CREATE TABLE reward_debt (
    "personId" uuid NOT NULL,
    currency text NOT NULL,
    owed bigint NOT NULL,
    CONSTRAINT reward_debt_pkey PRIMARY KEY ("personId", currency),
    CONSTRAINT reward_debt_owed CHECK (owed >= 0)
  );
`;
