import { sealedColumnIndex } from '@tael/platform/reseal';

/**
 * A bank's accounts, and the imports that bring their histories. A line has the id of the transaction that it becomes; it stays
 * when it is booked, with the version of its account at its entry.
 */
export const HISTORY_TABLES = `
  CREATE TABLE history_import (
    id uuid CONSTRAINT history_import_pkey PRIMARY KEY,
    "partnerId" uuid NOT NULL,
    "clientId" uuid NOT NULL,
    reference text NOT NULL,
    currency text NOT NULL CONSTRAINT history_import_asset REFERENCES asset,
    status text NOT NULL CONSTRAINT history_import_status CHECK (status IN ('UPLOADING', 'CHECKING', 'CHECKED', 'REFUSED', 'APPLYING', 'DONE', 'DISCARDED')),
    header text[],
    "nextChunk" integer NOT NULL,
    "nextLine" integer NOT NULL,
    "lineCount" integer NOT NULL,
    "problemCount" integer NOT NULL,
    "checkedAccounts" integer NOT NULL,
    "appliedLines" integer NOT NULL,
    "appliedThrough" integer NOT NULL,
    "createdAt" timestamptz NOT NULL,
    "endedAt" timestamptz,
    CONSTRAINT history_import_reference UNIQUE ("partnerId", reference),
    CONSTRAINT history_import_counts CHECK ("nextChunk" >= 0 AND "nextLine" > 0 AND "lineCount" >= 0 AND "problemCount" >= 0
      AND "checkedAccounts" >= 0 AND "appliedLines" BETWEEN 0 AND "lineCount" AND "appliedThrough" >= 0)
  );
  CREATE UNIQUE INDEX history_import_under_way ON history_import ("partnerId") WHERE status IN ('CHECKING', 'CHECKED', 'APPLYING');
  CREATE INDEX history_import_work ON history_import (id) WHERE status IN ('CHECKING', 'APPLYING');

  CREATE TABLE history_chunk (
    "importId" uuid NOT NULL CONSTRAINT history_chunk_import REFERENCES history_import,
    number integer NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT history_chunk_pkey PRIMARY KEY ("importId", number)
  );

  CREATE TABLE history_problem (
    "importId" uuid NOT NULL CONSTRAINT history_problem_import REFERENCES history_import,
    line integer NOT NULL,
    code text NOT NULL,
    CONSTRAINT history_problem_pkey PRIMARY KEY ("importId", line)
  );

  CREATE TABLE partner_account (
    id uuid CONSTRAINT partner_account_pkey PRIMARY KEY,
    "partnerId" uuid NOT NULL,
    currency text NOT NULL CONSTRAINT partner_account_asset REFERENCES asset,
    "numberIndex" text NOT NULL,
    "numberIndexKey" text NOT NULL,
    number text NOT NULL CONSTRAINT partner_account_sealed CHECK (number LIKE 'v1.%'),
    "openedAt" timestamptz,
    CONSTRAINT partner_account_number UNIQUE ("partnerId", currency, "numberIndex")
  );
  CREATE INDEX partner_account_of_partner ON partner_account ("partnerId", id) WHERE "openedAt" IS NOT NULL;
  CREATE INDEX partner_account_number_key ON partner_account ("numberIndexKey");
  ${sealedColumnIndex({ table: 'partner_account', column: 'number' })};

  CREATE TABLE history_account (
    "importId" uuid NOT NULL CONSTRAINT history_account_import REFERENCES history_import,
    "accountId" uuid NOT NULL CONSTRAINT history_account_account REFERENCES partner_account,
    lines integer NOT NULL,
    lowest bigint,
    closing bigint,
    CONSTRAINT history_account_pkey PRIMARY KEY ("importId", "accountId"),
    CONSTRAINT history_account_checked CHECK ((lowest IS NULL) = (closing IS NULL) AND lines > 0)
  );
  CREATE INDEX history_account_unchecked ON history_account ("importId", "accountId") WHERE closing IS NULL;

  CREATE TABLE history_line (
    id uuid CONSTRAINT history_line_pkey PRIMARY KEY,
    "importId" uuid NOT NULL,
    line integer NOT NULL,
    "accountId" uuid NOT NULL CONSTRAINT history_line_account REFERENCES partner_account,
    "bookedOn" date NOT NULL,
    amount bigint NOT NULL CONSTRAINT history_line_amount CHECK (amount <> 0),
    "balanceAfter" bigint NOT NULL,
    details text NOT NULL CONSTRAINT history_line_sealed CHECK (details LIKE 'v1.%'),
    version bigint,
    CONSTRAINT history_line_place UNIQUE ("importId", line)
  );
  CREATE INDEX history_line_of_account ON history_line ("accountId", "importId", line);
  CREATE INDEX history_line_booked ON history_line ("accountId", "bookedOn", version) WHERE version IS NOT NULL;
  ${sealedColumnIndex({ table: 'history_line', column: 'details' })};

  ALTER TABLE account DROP CONSTRAINT account_mode;
  ALTER TABLE account ADD CONSTRAINT account_mode CHECK (
    CASE "postingMode"
      WHEN 'STRICT' THEN purpose IN ('WALLET', 'PARTNER_ACCOUNT') AND "minAvailable" IS NOT NULL AND "ownerId" IS NOT NULL
      WHEN 'DEFERRED' THEN purpose NOT IN ('WALLET', 'PARTNER_ACCOUNT') AND "minAvailable" IS NULL ELSE false END) NOT VALID;
  ALTER TABLE ledger_tx DROP CONSTRAINT ledger_tx_kind;
  ALTER TABLE ledger_tx ADD CONSTRAINT ledger_tx_kind CHECK (kind IN ('TOP_UP', 'PAYMENT', 'TRANSFER', 'WITHDRAWAL', 'REFUND',
    'CASHBACK', 'FEE_REBATE', 'REFERRAL_REWARD', 'REWARD_REVERSAL', 'WITHDRAWAL_REVERSAL', 'TOP_UP_RETURN', 'BANK_SETTLEMENT',
    'BANK_RECEIVABLE', 'HISTORY_CREDIT', 'HISTORY_DEBIT')) NOT VALID;
`;

/** Looks through the rows of before, while all go on. */
export const HISTORY_VALIDATIONS = `
  ALTER TABLE account VALIDATE CONSTRAINT account_mode;
  ALTER TABLE ledger_tx VALIDATE CONSTRAINT ledger_tx_kind;
`;

/** Takes the accounts of a chunk into the import, and its lines. */
export const ADD_LINES = `/* history.lines */
  WITH given AS (
    SELECT * FROM unnest($2::uuid[], $3::integer[], $4::uuid[], $5::date[], $6::bigint[], $7::bigint[], $8::text[])
      AS l (id, line, account, day, amount, balance, details)
  ), counted AS (
    INSERT INTO history_account AS a ("importId", "accountId", lines) SELECT $1, account, count(*) FROM given GROUP BY account
    ON CONFLICT ("importId", "accountId") DO UPDATE SET lines = a.lines + excluded.lines
  )
  INSERT INTO history_line (id, "importId", line, "accountId", "bookedOn", amount, "balanceAfter", details)
  SELECT id, $1, line, account, day, amount, balance, details FROM given`;

/**
 * The dry run of some accounts: each line's balance follows from the line before, the first's from what the books say now, and
 * no line is of an earlier day than the one before.
 */
export const CHECK_ACCOUNTS = `/* history.check */
  WITH target AS (
    SELECT h."accountId", coalesce(a."creditsPosted" - a."debitsPosted", 0) AS opening,
      (SELECT max(l."bookedOn") FROM history_line l WHERE l."accountId" = h."accountId" AND l.version IS NOT NULL) AS latest
    FROM history_account h LEFT JOIN account a ON a.id = h."accountId"
    WHERE h."importId" = $1 AND h.closing IS NULL ORDER BY h."accountId" LIMIT $2
  ), followed AS (
    SELECT l."accountId", l.line, l."balanceAfter", coalesce(lag(l."balanceAfter") OVER w, t.opening) + l.amount AS due,
      l."bookedOn", coalesce(lag(l."bookedOn") OVER w, t.latest) AS before, row_number() OVER w = count(*) OVER (PARTITION BY l."accountId") AS last
    FROM target t JOIN history_line l ON l."accountId" = t."accountId" AND l."importId" = $1
    WINDOW w AS (PARTITION BY l."accountId" ORDER BY l.line)
  ), wrong AS (
    SELECT line, CASE WHEN "balanceAfter" <> due THEN 'BALANCE_DIFFERS' ELSE 'DATE_GOES_BACK' END AS code
    FROM followed WHERE "balanceAfter" <> due OR "bookedOn" < before
  ), told AS (
    INSERT INTO history_problem ("importId", line, code) SELECT $1, line, code FROM wrong ORDER BY line LIMIT $3
  ), ends AS (
    UPDATE history_account h SET lowest = f.lowest, closing = f.closing
    FROM (SELECT "accountId", min("balanceAfter") AS lowest, max("balanceAfter") FILTER (WHERE last) AS closing FROM followed GROUP BY "accountId") f
    WHERE h."importId" = $1 AND h."accountId" = f."accountId"
  )
  SELECT (SELECT count(*)::integer FROM target) AS accounts, (SELECT count(*)::integer FROM wrong) AS problems`;
