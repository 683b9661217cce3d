import { sealedColumnIndex } from '@tael/platform/reseal';

/** Bank accounts that merchants are paid to; of each merchant one is not REPLACED. */
export const PAYOUT_TABLES = `
  CREATE TABLE payout_account (
    id uuid CONSTRAINT payout_account_pkey PRIMARY KEY,
    "merchantId" uuid NOT NULL,
    "bankName" text NOT NULL,
    last4 text NOT NULL,
    token text NOT NULL CONSTRAINT payout_account_sealed CHECK (token LIKE 'v1.%'),
    status text NOT NULL CONSTRAINT payout_account_status
      CHECK (status IN ('PENDING_VERIFICATION', 'ACTIVE', 'REJECTED', 'HELD', 'REPLACED')),
    confirmations integer NOT NULL CONSTRAINT payout_account_confirmations CHECK (confirmations BETWEEN 0 AND 3),
    "usableFrom" timestamptz NOT NULL,
    "setBy" uuid NOT NULL CONSTRAINT payout_account_person REFERENCES person,
    "createdAt" timestamptz NOT NULL
  );
  CREATE UNIQUE INDEX payout_account_current ON payout_account ("merchantId") WHERE status <> 'REPLACED';
  ${sealedColumnIndex({ table: 'payout_account', column: 'token' })};
  ALTER TABLE bank_order ALTER COLUMN "personId" DROP NOT NULL;
  ALTER TABLE bank_order ALTER COLUMN "walletId" DROP NOT NULL;
  ALTER TABLE bank_order ALTER COLUMN "paymentMethodId" DROP NOT NULL;
  ALTER TABLE bank_order ADD COLUMN "merchantId" uuid;
  ALTER TABLE bank_order ADD COLUMN "payoutAccountId" uuid CONSTRAINT bank_order_payout_account REFERENCES payout_account;
  ALTER TABLE bank_order ADD CONSTRAINT bank_order_party CHECK (CASE WHEN "merchantId" IS NULL
    THEN "personId" IS NOT NULL AND "walletId" IS NOT NULL AND "paymentMethodId" IS NOT NULL AND "payoutAccountId" IS NULL
    ELSE "payoutAccountId" IS NOT NULL AND direction = 'CREDIT' AND fee = 0
      AND "personId" IS NULL AND "walletId" IS NULL AND "paymentMethodId" IS NULL END) NOT VALID;
  DO $$
  DECLARE
    purposes text;
  BEGIN
    SELECT string_agg(DISTINCT quote_literal(purpose), ', ') INTO purposes FROM (
      SELECT m[1] AS purpose FROM pg_constraint c, regexp_matches(pg_get_constraintdef(c.oid), '''([A-Z_]+)''', 'g') m
      WHERE c.conname = 'step_up_purpose' AND c.conrelid = 'step_up'::regclass UNION SELECT 'SET_PAYOUT_ACCOUNT') p;
    ALTER TABLE step_up DROP CONSTRAINT step_up_purpose;
    EXECUTE format('ALTER TABLE step_up ADD CONSTRAINT step_up_purpose CHECK (purpose IN (%s)) NOT VALID', purposes);
  END $$;
`;

export const PAYOUT_VALIDATIONS = `
  ALTER TABLE bank_order VALIDATE CONSTRAINT bank_order_party;
  ALTER TABLE step_up VALIDATE CONSTRAINT step_up_purpose;
`;

/** Of one merchant and currency one payout is under way at a time: the last fence against paying twice. */
export const PAYOUT_UNDER_WAY = {
  name: 'bank_order_payout_under_way', definition: `ON bank_order ("merchantId", currency) WHERE status = 'PENDING' AND "merchantId" IS NOT NULL`,
  unique: true,
};

/** The payouts of a merchant. */
export const PAYOUTS_OF_MERCHANT = {
  name: 'bank_order_merchant', definition: 'ON bank_order ("merchantId", "createdAt", id) WHERE "merchantId" IS NOT NULL',
};

/** The inflows, among which the loop finds those that no cursor knows. */
export const INFLOWS = { name: 'account_inflows', definition: `ON account (id) WHERE purpose = 'MERCHANT_INFLOW'` };
