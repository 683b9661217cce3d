/** Keys of people, with what was asked and answered under them. */
export const IDEMPOTENCY_TABLE = `
  CREATE TABLE idempotency (
    scope uuid NOT NULL,
    key text NOT NULL,
    mutation text NOT NULL,
    "requestHash" bytea NOT NULL,
    "transactionId" uuid,
    refusals jsonb,
    "createdAt" timestamptz NOT NULL,
    CONSTRAINT idempotency_pkey PRIMARY KEY (scope, key),
    CONSTRAINT idempotency_key_length CHECK (length(key) BETWEEN 1 AND 255),
    CONSTRAINT idempotency_outcome CHECK (("transactionId" IS NULL) <> (refusals IS NULL))
  );
`;
