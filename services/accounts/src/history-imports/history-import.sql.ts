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
 * What an account may move in all, debits and credits each: so far below the range of its counters that an import which is taken back,
 * and whatever else a bank's clearing account takes, has room.
 */
export const TURNOVER_MAX = 1_000_000_000_000_000_000n;

/** Keeps what the dry run found an account to move. */
export const HISTORY_TURNOVER = `
  ALTER TABLE history_account ADD COLUMN credits bigint;
  ALTER TABLE history_account ADD COLUMN debits bigint;
`;

/** How often an import could not go on, when it is tried again, and whether it is taken back. */
export const HISTORY_FAULTS = `
  ALTER TABLE history_import ADD COLUMN faults integer NOT NULL DEFAULT 0;
  ALTER TABLE history_import ADD COLUMN "lookAt" timestamptz;
  ALTER TABLE history_import ADD COLUMN undoing boolean NOT NULL DEFAULT false;
`;

/** Whether the import $1 as a whole is too much for the account $2 that it is brought in against. */
export const CLEARING_FULL = `/* history.clearingFull */
  SELECT greatest(coalesce(a."debitsPosted", 0) + w.debits + given.credits, coalesce(a."creditsPosted", 0) + w.credits + given.debits) > ${TURNOVER_MAX} AS full
  FROM (SELECT coalesce(sum(credits), 0) AS credits, coalesce(sum(debits), 0) AS debits FROM history_account WHERE "importId" = $1) given
  CROSS JOIN (SELECT coalesce(sum(credits), 0) AS credits, coalesce(sum(debits), 0) AS debits FROM pending_delta WHERE "accountId" = $2) w
  LEFT JOIN account a ON a.id = $2`;

/** Those of the accounts $1 that have moved too much, with what is not folded yet. */
export const FULL_ACCOUNTS = `/* history.full */
  SELECT a.id FROM account a CROSS JOIN LATERAL (
    SELECT coalesce(sum(d.credits), 0) AS credits, coalesce(sum(d.debits), 0) AS debits FROM pending_delta d
    WHERE d."accountId" = a.id AND a."postingMode" = 'DEFERRED') w
  WHERE a.id = ANY ($1::uuid[]) AND greatest(a."debitsPosted" + w.debits, a."creditsPosted" + w.credits) > ${TURNOVER_MAX}`;

/** How far the dry run of an account is that has more lines than one look takes: the line, and what stands there. */
export const HISTORY_PIECES = `
  ALTER TABLE history_account ADD COLUMN "checkedThrough" integer;
  ALTER TABLE history_account ADD COLUMN "balanceSoFar" bigint;
  ALTER TABLE history_account ADD COLUMN "lowestSoFar" bigint;
  ALTER TABLE history_account ADD COLUMN "daySoFar" date;
`;

/**
 * The dry run of $2 accounts, at most $4 lines of each: each line's balance follows from the line before, the first's from what the books say
 * now, and no line is of an earlier day than the one before. The line at which an account would have moved too much is told of, not those after it.
 * Gives how many accounts were looked at, how many of them to their end, and how many problems were found; keeps $3 of these.
 */
export const CHECK_ACCOUNTS = `/* history.check */
  WITH target AS (
    SELECT h."accountId", h."checkedThrough", coalesce(h."checkedThrough", 0) AS through,
      coalesce(h."balanceSoFar", a."creditsPosted" - a."debitsPosted", 0) AS opening,
      coalesce(a."creditsPosted", 0) + coalesce(h.credits, 0) AS credits, coalesce(a."debitsPosted", 0) + coalesce(h.debits, 0) AS debits,
      coalesce(h."daySoFar", (SELECT max(l."bookedOn") FROM history_line l WHERE l."accountId" = h."accountId" AND l.version IS NOT NULL)) AS latest
    FROM history_account h LEFT JOIN account a ON a.id = h."accountId"
    WHERE h."importId" = $1 AND h.closing IS NULL ORDER BY h."accountId" LIMIT $2
  ), followed AS (
    SELECT l."accountId", l.line, l."balanceAfter", coalesce(lag(l."balanceAfter") OVER w, t.opening) + l.amount AS due,
      l."bookedOn", coalesce(lag(l."bookedOn") OVER w, t.latest) AS before, row_number() OVER w = count(*) OVER (PARTITION BY l."accountId") AS last, l.amount,
      t."checkedThrough" IS NULL AND row_number() OVER w = 1 AS first,
      t.credits + sum(greatest(l.amount, 0)) OVER w AS credits, t.debits + sum(greatest(-l.amount, 0)) OVER w AS debits
    FROM target t CROSS JOIN LATERAL (SELECT * FROM history_line n WHERE n."accountId" = t."accountId" AND n."importId" = $1 AND n.line > t.through
      ORDER BY n.line LIMIT $4) l
    WINDOW w AS (PARTITION BY l."accountId" ORDER BY l.line)
  ), wrong AS (
    SELECT line, CASE WHEN "balanceAfter" <> due THEN 'BALANCE_DIFFERS' WHEN "bookedOn" < before THEN 'DATE_GOES_BACK' ELSE 'TURNOVER' END AS code
    FROM followed WHERE "balanceAfter" <> due OR "bookedOn" < before
      OR (credits > ${TURNOVER_MAX} AND (first OR credits - greatest(amount, 0) <= ${TURNOVER_MAX}))
      OR (debits > ${TURNOVER_MAX} AND (first OR debits - greatest(-amount, 0) <= ${TURNOVER_MAX}))
  ), told AS (
    INSERT INTO history_problem ("importId", line, code) SELECT $1, line, code FROM wrong ORDER BY line LIMIT $3
  ), looked AS (
    SELECT f.*, NOT EXISTS (SELECT FROM history_line n WHERE n."accountId" = f."accountId" AND n."importId" = $1 AND n.line > f.through) AS ended
    FROM (SELECT "accountId", max(line) AS through, min("balanceAfter") AS lowest, max("balanceAfter") FILTER (WHERE last) AS balance,
        max("bookedOn") FILTER (WHERE last) AS day, sum(greatest(amount, 0)) AS credits, sum(greatest(-amount, 0)) AS debits
      FROM followed GROUP BY "accountId") f
  ), kept AS (
    UPDATE history_account h SET "checkedThrough" = l.through, "balanceSoFar" = l.balance, "daySoFar" = l.day, "lowestSoFar" = least(h."lowestSoFar", l.lowest),
      lowest = CASE WHEN l.ended THEN least(h."lowestSoFar", l.lowest) END, closing = CASE WHEN l.ended THEN l.balance END,
      credits = least(coalesce(h.credits, 0) + l.credits, ${TURNOVER_MAX + 1n})::bigint, debits = least(coalesce(h.debits, 0) + l.debits, ${TURNOVER_MAX + 1n})::bigint
    FROM looked l WHERE h."importId" = $1 AND h."accountId" = l."accountId"
  )
  SELECT (SELECT count(*)::integer FROM target) AS accounts, (SELECT count(*)::integer FROM looked WHERE ended) AS ended,
    (SELECT count(*)::integer FROM wrong) AS problems`;

/** How low the booked imports of a bank let an account go, as an expression. */
export const floorOf = (account: string, partner: string): string => `coalesce((SELECT min(least(o.lowest, 0)) FROM history_import n
  JOIN history_account o ON o."importId" = n.id AND o."accountId" = ${account} WHERE n."partnerId" = ${partner} AND n.status = 'DONE'), 0)`;

/** Gives those of the accounts $1 of the bank $2 of which nothing of the import $3 is booked any more the floors that they had. */
export const FLOORS_BACK = `/* history.floorsBack */
  UPDATE account a SET "minAvailable" = f.floor
  FROM (SELECT g.id, ${floorOf('g.id', '$2')} AS floor FROM unnest($1::uuid[]) AS g (id)
    WHERE (SELECT l.version FROM history_line l WHERE l."accountId" = g.id AND l."importId" = $3 ORDER BY l.line LIMIT 1) IS NULL) f
  WHERE a.id = f.id AND a."minAvailable" < f.floor`;

/** The first line that the import which is being booked brings for an account of a bank, as a join: no row where there is none. */
export const comingTo = (account: string, partner: string): string => `SELECT l.version, l."bookedOn" FROM history_import i
  CROSS JOIN LATERAL (SELECT h.version, h."bookedOn" FROM history_line h WHERE h."accountId" = ${account} AND h."importId" = i.id ORDER BY h.line LIMIT 1) l
  WHERE i."partnerId" = ${partner} AND i.status = 'APPLYING'`;
