/** Orders to the bank, and what its statement said. */
export const BANK_ORDER_TABLES = `
  CREATE TABLE bank_order (
    id uuid CONSTRAINT bank_order_pkey PRIMARY KEY,
    direction text NOT NULL CONSTRAINT bank_order_direction CHECK (direction IN ('DEBIT', 'CREDIT')),
    "personId" uuid NOT NULL CONSTRAINT bank_order_person REFERENCES person,
    "walletId" uuid NOT NULL CONSTRAINT bank_order_wallet REFERENCES wallet,
    "paymentMethodId" uuid NOT NULL CONSTRAINT bank_order_payment_method REFERENCES payment_method,
    currency text NOT NULL,
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    last4 text NOT NULL,
    status text NOT NULL,
    "failureReason" text,
    "bankOrderId" text,
    owed bigint NOT NULL,
    attempts integer NOT NULL,
    "leaseUntil" timestamptz NOT NULL,
    "lookAt" timestamptz NOT NULL,
    "createdAt" timestamptz NOT NULL,
    "endedAt" timestamptz,
    "returnedAt" timestamptz,
    CONSTRAINT bank_order_amounts CHECK (amount > 0 AND fee >= 0 AND (fee = 0 OR direction = 'CREDIT')
      AND owed BETWEEN 0 AND amount AND (owed = 0 OR (direction = 'DEBIT' AND status = 'RETURNED'))),
    CONSTRAINT bank_order_state CHECK (CASE status
      WHEN 'PENDING' THEN "endedAt" IS NULL AND "failureReason" IS NULL AND "returnedAt" IS NULL
      WHEN 'SETTLED' THEN "endedAt" IS NOT NULL AND "failureReason" IS NULL AND "returnedAt" IS NULL
      WHEN 'FAILED' THEN "endedAt" IS NOT NULL AND "failureReason" IN ('BANK_REFUSED', 'ACCOUNT_CLOSED', 'CANCELLED')
        AND "returnedAt" IS NULL
      WHEN 'RETURNED' THEN "endedAt" IS NOT NULL AND "failureReason" = 'RETURNED' AND "returnedAt" IS NOT NULL
      ELSE false END)
  );
  CREATE INDEX bank_order_person_id ON bank_order ("personId", "createdAt", id);
  CREATE INDEX bank_order_pending ON bank_order ("lookAt") WHERE status = 'PENDING';
  CREATE UNIQUE INDEX bank_order_bank_id ON bank_order ("bankOrderId") WHERE "bankOrderId" IS NOT NULL;

  CREATE TABLE bank_statement_line (
    "bookingId" text CONSTRAINT bank_statement_line_pkey PRIMARY KEY,
    position bigint NOT NULL,
    "orderKey" text NOT NULL,
    kind text NOT NULL CONSTRAINT bank_statement_line_kind CHECK (kind IN ('BOOKED', 'RETURNED')),
    amount bigint NOT NULL,
    currency text NOT NULL,
    "bookedAt" timestamptz NOT NULL,
    "readAt" timestamptz NOT NULL,
    "orderId" uuid CONSTRAINT bank_statement_line_order REFERENCES bank_order,
    misfit text CONSTRAINT bank_statement_line_misfit
      CHECK (misfit IN ('UNKNOWN_ORDER', 'OTHER_AMOUNT', 'BOOKED_TWICE', 'CONTRADICTS')),
    CONSTRAINT bank_statement_line_match CHECK (misfit IS NOT NULL OR "orderId" IS NOT NULL)
  );
  CREATE UNIQUE INDEX bank_statement_line_once ON bank_statement_line ("orderId", kind) WHERE misfit IS NULL;
  CREATE INDEX bank_statement_line_misfits ON bank_statement_line (position) WHERE misfit IS NOT NULL;
  CREATE TRIGGER bank_statement_line_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bank_statement_line
    EXECUTE FUNCTION refuse_change();

  CREATE TABLE bank_statement_cursor (
    bank text CONSTRAINT bank_statement_cursor_pkey PRIMARY KEY,
    position bigint NOT NULL,
    "leaseUntil" timestamptz NOT NULL
  );
  INSERT INTO bank_statement_cursor (bank, position, "leaseUntil") VALUES ('main', 0, '-infinity');
`;

/** What the tables of before have to know: payment methods that wait to be verified, kinds of transactions and step-ups. */
export const BANK_CHANGES = `
  ALTER TABLE payment_method ADD COLUMN status text NOT NULL DEFAULT 'ACTIVE';
  ALTER TABLE payment_method ADD COLUMN confirmations integer NOT NULL DEFAULT 0;
  ALTER TABLE payment_method ADD CONSTRAINT payment_method_status
    CHECK (status = 'ACTIVE' OR (kind = 'BANK_ACCOUNT' AND status IN ('PENDING_VERIFICATION', 'REJECTED'))) NOT VALID;
  ALTER TABLE payment_method ADD CONSTRAINT payment_method_confirmations CHECK (confirmations BETWEEN 0 AND 3) NOT VALID;
  ALTER TABLE payment_method DROP CONSTRAINT payment_method_last4;
  ALTER TABLE payment_method ADD CONSTRAINT payment_method_last4
    CHECK (last4 ~ '^[0-9]{4}$' OR (kind = 'BANK_ACCOUNT' AND last4 ~ '^[0-9A-Z]{4}$')) NOT VALID;
  ALTER TABLE ledger_tx DROP CONSTRAINT ledger_tx_kind;
  ALTER TABLE ledger_tx ADD CONSTRAINT ledger_tx_kind CHECK (kind IN ('TOP_UP', 'PAYMENT', 'TRANSFER', 'WITHDRAWAL', 'REFUND',
    'CASHBACK', 'FEE_REBATE', 'REFERRAL_REWARD', 'REWARD_REVERSAL', 'WITHDRAWAL_REVERSAL', 'TOP_UP_RETURN', 'BANK_SETTLEMENT',
    'BANK_RECEIVABLE')) NOT VALID;
  ALTER TABLE step_up DROP CONSTRAINT step_up_purpose;
  ALTER TABLE step_up ADD CONSTRAINT step_up_purpose CHECK (purpose IN
    ('PAY_MERCHANT', 'SEND_MONEY', 'WITHDRAW', 'CHANGE_PASSWORD', 'DISABLE_TOTP', 'REGENERATE_RECOVERY_CODES')) NOT VALID;
`;

/** Looks through the rows of before, while all go on. */
export const BANK_VALIDATIONS = `
  ALTER TABLE payment_method VALIDATE CONSTRAINT payment_method_status;
  ALTER TABLE payment_method VALIDATE CONSTRAINT payment_method_confirmations;
  ALTER TABLE payment_method VALIDATE CONSTRAINT payment_method_last4;
  ALTER TABLE ledger_tx VALIDATE CONSTRAINT ledger_tx_kind;
  ALTER TABLE step_up VALIDATE CONSTRAINT step_up_purpose;
`;
