/** Where owners let payouts go on. Only ever added to: it is counted. */
export const PAYOUT_RESUMPTION_TABLE = `
  CREATE TABLE payout_resumption (
    "payoutId" uuid CONSTRAINT payout_resumption_pkey PRIMARY KEY CONSTRAINT payout_resumption_payout REFERENCES bank_order,
    "payoutAccountId" uuid NOT NULL CONSTRAINT payout_resumption_account REFERENCES payout_account,
    "resumedBy" uuid NOT NULL CONSTRAINT payout_resumption_person REFERENCES person,
    "resumedAt" timestamptz NOT NULL
  );
  CREATE INDEX payout_resumption_of_account ON payout_resumption ("payoutAccountId", "resumedAt");
  CREATE TRIGGER payout_resumption_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_resumption EXECUTE FUNCTION refuse_change();
`;

/** What has failed of an account, newest first, and how often payouts were let go on since the last that it took and kept. */
export const RESUMPTION_STATES = `/* payoutResumptions.states */
  SELECT a.id, a."merchantId", a.status,
    (SELECT o.id FROM bank_order o WHERE o."merchantId" = a."merchantId" AND o."payoutAccountId" = a.id AND o.status IN ('FAILED', 'RETURNED')
      ORDER BY coalesce(o."returnedAt", o."endedAt") DESC, o.id DESC LIMIT 1) AS failed,
    (SELECT count(*)::integer FROM payout_resumption r WHERE r."payoutAccountId" = a.id
      AND r."resumedAt" > coalesce((SELECT max(o."endedAt") FROM bank_order o
        WHERE o."merchantId" = a."merchantId" AND o."payoutAccountId" = a.id AND o.status = 'SETTLED'), '-infinity')) AS resumptions
  FROM payout_account a WHERE a."merchantId" = ANY ($1::uuid[]) AND a.status <> 'REPLACED'`;
