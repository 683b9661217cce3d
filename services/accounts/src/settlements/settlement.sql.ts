/** Batches of what came to merchants, what they are charged by, and how far each merchant's were closed. */
export const SETTLEMENT_TABLES = `
  CREATE TABLE merchant_terms (
    id uuid CONSTRAINT merchant_terms_pkey PRIMARY KEY,
    "merchantId" uuid NOT NULL,
    currency text NOT NULL CONSTRAINT merchant_terms_asset REFERENCES asset,
    "feeBasisPoints" integer NOT NULL,
    "feeFixed" bigint NOT NULL,
    "reserveBasisPoints" integer NOT NULL,
    "reserveDays" integer NOT NULL,
    "effectiveFrom" timestamptz NOT NULL,
    "setBy" uuid NOT NULL CONSTRAINT merchant_terms_person REFERENCES person,
    "setAt" timestamptz NOT NULL,
    reason text NOT NULL,
    CONSTRAINT merchant_terms_amounts CHECK ("feeBasisPoints" BETWEEN 0 AND 10000 AND "feeFixed" >= 0
      AND "reserveBasisPoints" BETWEEN 0 AND 10000 AND "reserveDays" BETWEEN 0 AND 365
      AND ("reserveBasisPoints" = 0 OR "reserveDays" > 0)),
    CONSTRAINT merchant_terms_reason CHECK (char_length(reason) BETWEEN 1 AND 500)
  );
  CREATE INDEX merchant_terms_of_merchant ON merchant_terms ("merchantId", currency, "effectiveFrom", "setAt");
  CREATE TRIGGER merchant_terms_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON merchant_terms EXECUTE FUNCTION refuse_change();

  CREATE TABLE settlement_cursor (
    "inflowId" uuid CONSTRAINT settlement_cursor_pkey PRIMARY KEY CONSTRAINT settlement_cursor_inflow REFERENCES account,
    "merchantId" uuid NOT NULL,
    currency text NOT NULL,
    number integer NOT NULL,
    "closedVersion" bigint NOT NULL,
    "closedUntil" timestamptz,
    owed bigint NOT NULL,
    "lookAt" timestamptz NOT NULL,
    "payAt" timestamptz,
    CONSTRAINT settlement_cursor_counts CHECK (number >= 0 AND "closedVersion" >= 0 AND owed >= 0)
  );
  CREATE UNIQUE INDEX settlement_cursor_merchant ON settlement_cursor ("merchantId", currency);
  CREATE INDEX settlement_cursor_due ON settlement_cursor ("lookAt");
  CREATE INDEX settlement_cursor_pay_due ON settlement_cursor ("payAt") WHERE "payAt" IS NOT NULL;

  CREATE TABLE settlement (
    id uuid CONSTRAINT settlement_pkey PRIMARY KEY,
    "inflowId" uuid NOT NULL CONSTRAINT settlement_of_cursor REFERENCES settlement_cursor,
    "merchantId" uuid NOT NULL,
    currency text NOT NULL,
    number integer NOT NULL,
    "businessDay" date NOT NULL,
    "afterVersion" bigint NOT NULL,
    "lastVersion" bigint NOT NULL,
    "until" timestamptz NOT NULL,
    gross bigint NOT NULL,
    refunds bigint NOT NULL,
    adjustments bigint NOT NULL,
    fees bigint NOT NULL,
    "reserveHeld" bigint NOT NULL,
    "reserveReleased" bigint NOT NULL,
    net bigint NOT NULL,
    opening bigint NOT NULL,
    closing bigint NOT NULL,
    "paymentCount" integer NOT NULL,
    "refundCount" integer NOT NULL,
    "feeBasisPoints" integer NOT NULL,
    "feeFixed" bigint NOT NULL,
    "reserveReleaseDay" date,
    "reserveReleasedBy" uuid CONSTRAINT settlement_released_by REFERENCES settlement,
    "transactionId" uuid CONSTRAINT settlement_transaction REFERENCES ledger_tx,
    "payoutId" uuid CONSTRAINT settlement_payout REFERENCES bank_order,
    "closedAt" timestamptz NOT NULL,
    CONSTRAINT settlement_number UNIQUE ("merchantId", currency, number),
    CONSTRAINT settlement_range CHECK (number > 0 AND "afterVersion" >= 0 AND "lastVersion" >= "afterVersion"),
    CONSTRAINT settlement_amounts CHECK (gross >= 0 AND refunds >= 0 AND fees >= 0 AND "reserveHeld" >= 0 AND "reserveReleased" >= 0
      AND "paymentCount" >= 0 AND "refundCount" >= 0 AND "feeBasisPoints" BETWEEN 0 AND 10000 AND "feeFixed" >= 0),
    CONSTRAINT settlement_ties_out CHECK (net = gross - refunds + adjustments - fees - "reserveHeld" + "reserveReleased"
      AND closing = opening + net),
    CONSTRAINT settlement_reserve CHECK (("reserveHeld" > 0) = ("reserveReleaseDay" IS NOT NULL)
      AND ("reserveReleasedBy" IS NULL OR "reserveHeld" > 0))
  );
  CREATE UNIQUE INDEX settlement_start ON settlement ("inflowId", "afterVersion") WHERE "lastVersion" > "afterVersion";
  CREATE INDEX settlement_of_merchant ON settlement ("merchantId", "closedAt", id);
  CREATE INDEX settlement_newest ON settlement ("closedAt", id);
  CREATE INDEX settlement_reserve_due ON settlement ("inflowId", "reserveReleaseDay") WHERE "reserveHeld" > 0 AND "reserveReleasedBy" IS NULL;
  CREATE INDEX settlement_of_payout ON settlement ("payoutId") WHERE "payoutId" IS NOT NULL;
`;

/**
 * What a closed batch says stays as it is: only what became of it later is added, which is who released its reserve, once, and
 * the newest payout that carries it.
 */
export const SETTLEMENT_FENCE = `
  CREATE FUNCTION settlement_stays() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF to_jsonb(NEW) - '{payoutId,reserveReleasedBy}'::text[] <> to_jsonb(OLD) - '{payoutId,reserveReleasedBy}'::text[]
      OR (OLD."reserveReleasedBy" IS NOT NULL AND NEW."reserveReleasedBy" IS DISTINCT FROM OLD."reserveReleasedBy") THEN
      RAISE EXCEPTION 'a closed settlement is not changed: a correction is a line of the next' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER settlement_stays BEFORE UPDATE ON settlement FOR EACH ROW EXECUTE FUNCTION settlement_stays();
`;

/** What the tables of before have to know: the kinds that others have added meanwhile stay, whoever came first. */
export const SETTLEMENT_CHANGES = `
  ALTER TABLE account DROP CONSTRAINT account_mode;
  ALTER TABLE account ADD CONSTRAINT account_mode CHECK (
    CASE "postingMode"
      WHEN 'STRICT' THEN purpose IN ('WALLET', 'PARTNER_ACCOUNT', 'MERCHANT_PAYABLE') AND "minAvailable" IS NOT NULL AND "ownerId" IS NOT NULL
      WHEN 'DEFERRED' THEN purpose NOT IN ('WALLET', 'PARTNER_ACCOUNT', 'MERCHANT_PAYABLE') AND "minAvailable" IS NULL ELSE false END) NOT VALID;
  DO $$
  DECLARE
    kinds text;
  BEGIN
    SELECT string_agg(DISTINCT quote_literal(kind), ', ') INTO kinds FROM (
      SELECT m[1] AS kind FROM pg_constraint c, regexp_matches(pg_get_constraintdef(c.oid), '''([A-Z_]+)''', 'g') m
      WHERE c.conname = 'ledger_tx_kind' AND c.conrelid = 'ledger_tx'::regclass
      UNION SELECT unnest(ARRAY['MERCHANT_SETTLEMENT', 'PAYOUT', 'PAYOUT_REVERSAL'])) k;
    ALTER TABLE ledger_tx DROP CONSTRAINT ledger_tx_kind;
    EXECUTE format('ALTER TABLE ledger_tx ADD CONSTRAINT ledger_tx_kind CHECK (kind IN (%s)) NOT VALID', kinds);
  END $$;
  ALTER TABLE merchant_copy ADD COLUMN owners uuid[];
  ALTER TABLE merchant_copy ADD COLUMN "feeBasisPoints" integer NOT NULL DEFAULT 0;
`;

/** Looks through the rows of before, while all go on. */
export const SETTLEMENT_VALIDATIONS = `
  ALTER TABLE account VALIDATE CONSTRAINT account_mode;
  ALTER TABLE ledger_tx VALIDATE CONSTRAINT ledger_tx_kind;
`;

/** Who owes, most first; built beside the traffic. */
export const OWING = { name: 'settlement_cursor_owing', definition: 'ON settlement_cursor (currency, (-owed), "inflowId") WHERE owed > 0' };
