/** Second factors, the codes and challenges around them, step-ups, devices; and what a session says of where it is used. */
export const SECOND_FACTOR_TABLES = `
  ALTER TABLE session
    ADD COLUMN browser text,
    ADD COLUMN platform text,
    ADD COLUMN network text,
    ADD COLUMN "lastUsedAt" timestamptz,
    ADD CONSTRAINT session_network_sealed CHECK (network LIKE 'v1.%'),
    ADD CONSTRAINT session_end_reason
      CHECK ("endReason" IN ('REUSE', 'SIGNED_OUT', 'ENDED_BY_OWNER', 'PASSWORD_CHANGED'));

  CREATE TABLE known_device (
    "personId" uuid NOT NULL CONSTRAINT known_device_person REFERENCES person,
    browser text NOT NULL,
    platform text NOT NULL,
    "firstUsedAt" timestamptz NOT NULL,
    CONSTRAINT known_device_pkey PRIMARY KEY ("personId", browser, platform)
  );

  CREATE TABLE totp_factor (
    "personId" uuid CONSTRAINT totp_factor_pkey PRIMARY KEY CONSTRAINT totp_factor_person REFERENCES person,
    secret text NOT NULL CONSTRAINT totp_factor_sealed CHECK (secret LIKE 'v1.%'),
    "lastStep" bigint NOT NULL,
    "begunAt" timestamptz NOT NULL,
    "confirmedAt" timestamptz
  );

  CREATE TABLE recovery_code (
    "personId" uuid NOT NULL CONSTRAINT recovery_code_person REFERENCES person,
    "codeIndex" text NOT NULL,
    "createdAt" timestamptz NOT NULL,
    "usedAt" timestamptz,
    CONSTRAINT recovery_code_pkey PRIMARY KEY ("personId", "codeIndex"),
    CONSTRAINT recovery_code_hashed CHECK (length("codeIndex") = 43)
  );

  CREATE TABLE sign_in_challenge (
    hash bytea CONSTRAINT sign_in_challenge_pkey PRIMARY KEY,
    "personId" uuid NOT NULL CONSTRAINT sign_in_challenge_person REFERENCES person,
    "expiresAt" timestamptz NOT NULL,
    CONSTRAINT sign_in_challenge_hash CHECK (octet_length(hash) = 32)
  );
  CREATE INDEX sign_in_challenge_person_id ON sign_in_challenge ("personId");

  CREATE TABLE step_up (
    id uuid CONSTRAINT step_up_pkey PRIMARY KEY,
    "personId" uuid NOT NULL CONSTRAINT step_up_person REFERENCES person,
    "sessionId" uuid NOT NULL CONSTRAINT step_up_session REFERENCES session,
    purpose text NOT NULL,
    binding text NOT NULL,
    "createdAt" timestamptz NOT NULL,
    "expiresAt" timestamptz NOT NULL,
    "approvedAt" timestamptz,
    "usedAt" timestamptz,
    CONSTRAINT step_up_purpose CHECK (purpose IN
      ('PAY_MERCHANT', 'SEND_MONEY', 'CHANGE_PASSWORD', 'DISABLE_TOTP', 'REGENERATE_RECOVERY_CODES')),
    CONSTRAINT step_up_use CHECK ("usedAt" IS NULL OR "approvedAt" IS NOT NULL)
  );
  CREATE INDEX step_up_person_id ON step_up ("personId");

  CREATE TABLE step_up_limit (
    currency text CONSTRAINT step_up_limit_pkey PRIMARY KEY CONSTRAINT step_up_limit_asset REFERENCES asset,
    amount bigint NOT NULL CONSTRAINT step_up_limit_amount CHECK (amount >= 0)
  );
`;

/** Takes the tables back. Sessions that ended for a reason that was unknown before keep their end. */
export const SECOND_FACTOR_DOWN = `
  DROP TABLE step_up_limit, step_up, sign_in_challenge, recovery_code, totp_factor, known_device;
  ALTER TABLE session DROP COLUMN browser, DROP COLUMN platform, DROP COLUMN network, DROP COLUMN "lastUsedAt",
    DROP CONSTRAINT session_end_reason;
`;
