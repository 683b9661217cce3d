/** People, what proves who they are, their sessions, and attempts by window. */
export const PEOPLE_TABLES = `
  CREATE TABLE person (
    id uuid CONSTRAINT person_pkey PRIMARY KEY,
    "emailIndex" text NOT NULL CONSTRAINT person_email_index_key UNIQUE,
    email text NOT NULL,
    "displayName" text NOT NULL,
    locale text NOT NULL,
    "timeZone" text NOT NULL,
    "referralCode" text NOT NULL CONSTRAINT person_referral_code_key UNIQUE,
    "referredBy" uuid CONSTRAINT person_referred_by REFERENCES person,
    channel text,
    campaign text,
    roles text[] NOT NULL,
    "createdAt" timestamptz NOT NULL,
    CONSTRAINT person_sealed CHECK (email LIKE 'v1.%' AND "displayName" LIKE 'v1.%'),
    CONSTRAINT person_not_referred_by_self CHECK ("referredBy" <> id),
    CONSTRAINT person_roles CHECK (roles <@ ARRAY['CUSTOMER', 'OPERATOR'] AND 'CUSTOMER' = ANY (roles))
  );

  CREATE TABLE credential (
    "personId" uuid CONSTRAINT credential_pkey PRIMARY KEY CONSTRAINT credential_person REFERENCES person,
    "passwordHash" text NOT NULL CONSTRAINT credential_argon2id CHECK ("passwordHash" LIKE '$argon2id$%'),
    "changedAt" timestamptz NOT NULL
  );

  CREATE TABLE session (
    id uuid CONSTRAINT session_pkey PRIMARY KEY,
    "personId" uuid NOT NULL CONSTRAINT session_person REFERENCES person,
    "startedAt" timestamptz NOT NULL,
    "endedAt" timestamptz,
    "endReason" text,
    CONSTRAINT session_end CHECK (("endedAt" IS NULL) = ("endReason" IS NULL))
  );
  CREATE INDEX session_person_id ON session ("personId");

  CREATE TABLE refresh_token (
    hash bytea CONSTRAINT refresh_token_pkey PRIMARY KEY,
    "sessionId" uuid NOT NULL CONSTRAINT refresh_token_session REFERENCES session,
    "issuedAt" timestamptz NOT NULL,
    "expiresAt" timestamptz NOT NULL,
    "usedAt" timestamptz,
    CONSTRAINT refresh_token_hash CHECK (octet_length(hash) = 32)
  );
  CREATE INDEX refresh_token_session_id ON refresh_token ("sessionId");

  CREATE TABLE attempt_window (
    kind text NOT NULL,
    subject text NOT NULL,
    "startedAt" timestamptz NOT NULL,
    attempts integer NOT NULL,
    CONSTRAINT attempt_window_pkey PRIMARY KEY (kind, subject),
    CONSTRAINT attempt_window_attempts CHECK (attempts >= 0)
  );
  CREATE INDEX attempt_window_started ON attempt_window ("startedAt");

  CREATE TABLE wallet (
    id uuid CONSTRAINT wallet_pkey PRIMARY KEY,
    "personId" uuid NOT NULL CONSTRAINT wallet_person REFERENCES person,
    currency text NOT NULL,
    "openedAt" timestamptz NOT NULL,
    CONSTRAINT wallet_person_currency_key UNIQUE ("personId", currency),
    CONSTRAINT wallet_account FOREIGN KEY (id, currency) REFERENCES account (id, asset)
  );

  CREATE TABLE payment_method (
    id uuid CONSTRAINT payment_method_pkey PRIMARY KEY,
    "personId" uuid NOT NULL CONSTRAINT payment_method_person REFERENCES person,
    kind text NOT NULL CONSTRAINT payment_method_kind CHECK (kind IN ('CARD', 'BANK_ACCOUNT')),
    brand text NOT NULL,
    last4 text NOT NULL CONSTRAINT payment_method_last4 CHECK (last4 ~ '^[0-9]{4}$'),
    "expiryMonth" integer,
    "expiryYear" integer,
    token text NOT NULL CONSTRAINT payment_method_sealed CHECK (token LIKE 'v1.%'),
    fingerprint bytea NOT NULL CONSTRAINT payment_method_fingerprint CHECK (octet_length(fingerprint) = 32),
    "isDefault" boolean NOT NULL,
    "createdAt" timestamptz NOT NULL,
    CONSTRAINT payment_method_fingerprint_key UNIQUE ("personId", fingerprint),
    CONSTRAINT payment_method_expiry
      CHECK (("expiryMonth" BETWEEN 1 AND 12 AND "expiryYear" IS NOT NULL) OR kind <> 'CARD')
  );
  CREATE UNIQUE INDEX payment_method_default ON payment_method ("personId") WHERE "isDefault";

  CREATE TABLE top_up (
    id uuid CONSTRAINT top_up_pkey PRIMARY KEY,
    "personId" uuid NOT NULL CONSTRAINT top_up_person REFERENCES person,
    "walletId" uuid NOT NULL CONSTRAINT top_up_wallet REFERENCES wallet,
    "paymentMethodId" uuid NOT NULL CONSTRAINT top_up_payment_method REFERENCES payment_method,
    currency text NOT NULL,
    amount bigint NOT NULL CONSTRAINT top_up_amount CHECK (amount > 0),
    last4 text NOT NULL,
    status text NOT NULL,
    "failureReason" text,
    "chargeId" text,
    attempts integer NOT NULL,
    "leaseUntil" timestamptz NOT NULL,
    "createdAt" timestamptz NOT NULL,
    "endedAt" timestamptz,
    CONSTRAINT top_up_state CHECK (CASE status
      WHEN 'PENDING' THEN "endedAt" IS NULL AND "failureReason" IS NULL AND "chargeId" IS NULL
      WHEN 'SETTLED' THEN "endedAt" IS NOT NULL AND "failureReason" IS NULL AND "chargeId" IS NOT NULL
      WHEN 'FAILED' THEN "endedAt" IS NOT NULL AND "failureReason" IN ('CARD_DECLINED', 'PROCESSOR_ERROR')
      ELSE false END)
  );
  CREATE INDEX top_up_person_id ON top_up ("personId", "createdAt", id);
  CREATE INDEX top_up_pending ON top_up ("leaseUntil") WHERE status = 'PENDING';
  CREATE UNIQUE INDEX top_up_charge ON top_up ("chargeId") WHERE "chargeId" IS NOT NULL;
`;
