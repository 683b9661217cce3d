/** Notices of the card processor. */
export const CHARGE_NOTICE_TABLE = `
  CREATE TABLE charge_notice (
    id text CONSTRAINT charge_notice_pkey PRIMARY KEY,
    type text NOT NULL CONSTRAINT charge_notice_type
      CHECK (type IN ('charge.succeeded', 'charge.failed', 'charge.disputed', 'charge.refunded')),
    "chargeKey" text NOT NULL,
    "receivedAt" timestamptz NOT NULL,
    attempts integer NOT NULL,
    "lookAt" timestamptz NOT NULL,
    "endedAt" timestamptz,
    outcome text,
    CONSTRAINT charge_notice_end CHECK (CASE WHEN "endedAt" IS NULL THEN outcome IS NULL
      ELSE outcome IN ('BOOKED', 'NOTHING_NEW', 'UNCONFIRMED', 'UNKNOWN_CHARGE', 'CONTRADICTS') AND outcome IS NOT NULL END)
  );
  CREATE INDEX charge_notice_open ON charge_notice ("lookAt") WHERE "endedAt" IS NULL;
  CREATE INDEX charge_notice_ended ON charge_notice ("endedAt") WHERE "endedAt" IS NOT NULL;
`;
