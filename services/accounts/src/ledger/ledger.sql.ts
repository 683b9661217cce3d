/** Tables of the ledger. Money is bigint minor units; an account's posted balance is credits less debits. */
export const LEDGER_TABLES = `
  CREATE TABLE asset (
    code text CONSTRAINT asset_pkey PRIMARY KEY,
    scale smallint NOT NULL CONSTRAINT asset_scale CHECK (scale BETWEEN 0 AND 4)
  );

  CREATE TABLE account (
    id uuid CONSTRAINT account_pkey PRIMARY KEY,
    asset text NOT NULL CONSTRAINT account_asset REFERENCES asset,
    purpose text NOT NULL,
    "ownerId" uuid,
    "postingMode" text NOT NULL,
    "minAvailable" bigint,
    "maxBalance" bigint,
    "debitsPosted" bigint NOT NULL,
    "creditsPosted" bigint NOT NULL,
    "debitsPending" bigint NOT NULL,
    "creditsPending" bigint NOT NULL,
    version bigint NOT NULL,
    "openedAt" timestamptz NOT NULL,
    CONSTRAINT account_id_asset UNIQUE (id, asset),
    CONSTRAINT account_counters CHECK (
      "debitsPosted" >= 0 AND "creditsPosted" >= 0 AND "debitsPending" >= 0 AND "creditsPending" >= 0 AND version >= 0),
    CONSTRAINT account_min_available CHECK ("creditsPosted" - "debitsPosted" - "debitsPending" >= "minAvailable"),
    CONSTRAINT account_max_balance CHECK ("creditsPosted" + "creditsPending" - "debitsPosted" <= "maxBalance"),
    CONSTRAINT account_mode CHECK (
      CASE "postingMode" WHEN 'STRICT' THEN purpose = 'WALLET' AND "minAvailable" IS NOT NULL AND "ownerId" IS NOT NULL
                         WHEN 'DEFERRED' THEN purpose <> 'WALLET' AND "minAvailable" IS NULL ELSE false END)
  ) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02);
  CREATE INDEX account_owner ON account ("ownerId");

  CREATE TABLE ledger_tx (
    id uuid CONSTRAINT ledger_tx_pkey PRIMARY KEY,
    kind text NOT NULL CONSTRAINT ledger_tx_kind CHECK (kind IN ('TOP_UP', 'PAYMENT', 'TRANSFER', 'WITHDRAWAL', 'REFUND',
      'CASHBACK', 'FEE_REBATE', 'REFERRAL_REWARD', 'REWARD_REVERSAL')),
    currency text NOT NULL,
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    "feeWaived" bigint NOT NULL,
    "personId" uuid NOT NULL,
    "walletId" uuid NOT NULL,
    "counterpartyId" uuid,
    "counterWalletId" uuid,
    "merchantId" uuid,
    "parentId" uuid CONSTRAINT ledger_tx_parent REFERENCES ledger_tx,
    "campaignId" uuid,
    "externalRef" text,
    description text,
    "recordedAt" timestamptz NOT NULL,
    CONSTRAINT ledger_tx_amounts CHECK (amount > 0 AND fee >= 0 AND "feeWaived" >= 0),
    CONSTRAINT ledger_tx_sides CHECK (("counterpartyId" IS NULL) = ("counterWalletId" IS NULL)
      AND "counterpartyId" <> "personId" AND ("counterpartyId" IS NOT NULL) = (kind = 'TRANSFER'))
  );
  CREATE INDEX ledger_tx_person ON ledger_tx ("personId", "recordedAt", id);
  CREATE INDEX ledger_tx_counterparty ON ledger_tx ("counterpartyId", "recordedAt", id) WHERE "counterpartyId" IS NOT NULL;
  CREATE INDEX ledger_tx_parent_id ON ledger_tx ("parentId") WHERE "parentId" IS NOT NULL;
  CREATE UNIQUE INDEX ledger_tx_external_ref ON ledger_tx ("externalRef") WHERE "externalRef" IS NOT NULL;

  CREATE TABLE posting (
    "txId" uuid NOT NULL CONSTRAINT posting_tx REFERENCES ledger_tx,
    seq integer NOT NULL,
    "debitAccountId" uuid NOT NULL,
    "creditAccountId" uuid NOT NULL,
    asset text NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT posting_pkey PRIMARY KEY ("txId", seq),
    CONSTRAINT posting_amount CHECK (amount > 0),
    CONSTRAINT posting_two_accounts CHECK ("debitAccountId" <> "creditAccountId"),
    CONSTRAINT posting_debit FOREIGN KEY ("debitAccountId", asset) REFERENCES account (id, asset),
    CONSTRAINT posting_credit FOREIGN KEY ("creditAccountId", asset) REFERENCES account (id, asset)
  );

  CREATE TABLE entry (
    "accountId" uuid NOT NULL,
    "accountVersion" bigint NOT NULL,
    "txId" uuid NOT NULL,
    amount bigint NOT NULL,
    "postedAfter" bigint NOT NULL,
    "availableAfter" bigint NOT NULL,
    "recordedAt" timestamptz NOT NULL,
    CONSTRAINT entry_pkey PRIMARY KEY ("accountId", "accountVersion"),
    CONSTRAINT entry_version CHECK ("accountVersion" > 0)
  );
  CREATE UNIQUE INDEX entry_tx_account ON entry ("txId", "accountId");

  CREATE TABLE pending_delta (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pending_delta_pkey PRIMARY KEY,
    "accountId" uuid NOT NULL,
    "txId" uuid NOT NULL,
    debits bigint NOT NULL,
    credits bigint NOT NULL,
    "recordedAt" timestamptz NOT NULL,
    CONSTRAINT pending_delta_amounts CHECK (debits >= 0 AND credits >= 0)
  );
  CREATE INDEX pending_delta_account ON pending_delta ("accountId");

  CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION '% is append-only: a correction is another transaction', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
  END $$;
  CREATE TRIGGER ledger_tx_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_tx EXECUTE FUNCTION refuse_change();
  CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON posting EXECUTE FUNCTION refuse_change();
  CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry EXECUTE FUNCTION refuse_change();
`;

const TX_COLUMNS = [
  'id', 'kind', 'currency', 'amount', 'fee', 'feeWaived', 'personId', 'walletId', 'counterpartyId', 'counterWalletId', 'merchantId',
  'parentId', 'campaignId', 'externalRef', 'description', 'recordedAt',
];

/** By name: a column that a newer migration adds takes its default from the functions that are there already. */
export const columnsOf = (row: string): string => TX_COLUMNS.map((name) => `${row}."${name}"`).join(', ');
export const LEDGER_TX_COLUMNS = TX_COLUMNS.map((name) => `"${name}"`).join(', ');

/**
 * The one writer of the books. Locks the strict accounts in order of id, writes the transaction, its postings, one entry
 * for each strict account and one pending delta for each deferred one, and gives the strict accounts as they are after.
 * Sequential scans are switched off because a plan made while the tables were empty would otherwise be kept.
 */
export const LEDGER_POST = `
  CREATE FUNCTION ledger_post(p_tx jsonb, p_debit uuid[], p_credit uuid[], p_amount bigint[])
  RETURNS TABLE ("accountId" uuid, posted bigint, available bigint, "recordedAt" timestamptz)
  LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
  #variable_conflict use_column
  DECLARE
    t ledger_tx := jsonb_populate_record(NULL::ledger_tx, p_tx);
    ids uuid[];
    debits bigint[];
    credits bigint[];
    wallets uuid[];
  BEGIN
    SELECT array_agg(x.id), array_agg(x.d), array_agg(x.c) INTO ids, debits, credits FROM (
      SELECT l.id, sum(l.d)::bigint AS d, sum(l.c)::bigint AS c FROM (
        SELECT unnest(p_debit) AS id, unnest(p_amount) AS d, 0::bigint AS c
        UNION ALL SELECT unnest(p_credit), 0, unnest(p_amount)) l
      GROUP BY l.id) x;
    SELECT array_agg(x.id) INTO wallets FROM (
      SELECT a.id FROM account a WHERE a.id = ANY (ids) AND a."postingMode" = 'STRICT' ORDER BY a.id FOR NO KEY UPDATE) x;
    t."recordedAt" := coalesce(t."recordedAt", clock_timestamp());
    INSERT INTO ledger_tx (${LEDGER_TX_COLUMNS}) SELECT ${columnsOf('t')};
    INSERT INTO posting ("txId", seq, "debitAccountId", "creditAccountId", asset, amount)
      SELECT t.id, p.n, p.d, p.c, t.currency, p.a
      FROM unnest(p_debit, p_credit, p_amount) WITH ORDINALITY AS p (d, c, a, n);
    INSERT INTO pending_delta ("accountId", "txId", debits, credits, "recordedAt")
      SELECT m.id, t.id, m.d, m.c, t."recordedAt" FROM unnest(ids, debits, credits) AS m (id, d, c)
      WHERE m.id <> ALL (coalesce(wallets, '{}'));
    RETURN QUERY
      WITH moved AS (
        UPDATE account a SET "debitsPosted" = a."debitsPosted" + m.d, "creditsPosted" = a."creditsPosted" + m.c,
          version = a.version + 1
        FROM unnest(ids, debits, credits) AS m (id, d, c) WHERE a.id = m.id AND a.id = ANY (wallets)
        RETURNING a.id, a.version, m.c - m.d AS amount, a."creditsPosted" - a."debitsPosted" AS posted,
          a."creditsPosted" - a."debitsPosted" - a."debitsPending" AS available
      ), written AS (
        INSERT INTO entry ("accountId", "accountVersion", "txId", amount, "postedAfter", "availableAfter", "recordedAt")
        SELECT m.id, m.version, t.id, m.amount, m.posted, m.available, t."recordedAt" FROM moved m
      )
      SELECT m.id, m.posted, m.available, t."recordedAt" FROM moved m;
  END $$;
`;

/** Moves deferred accounts by what was appended: gives each delta its account version, in the order of arrival. */
export const LEDGER_FOLD = `
  CREATE FUNCTION ledger_fold(p_rows integer) RETURNS integer
  LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
  DECLARE folded integer;
  BEGIN
    WITH taken AS (
      DELETE FROM pending_delta WHERE id IN (SELECT id FROM pending_delta ORDER BY id LIMIT p_rows)
      RETURNING id, "accountId", "txId", debits, credits, "recordedAt"
    ), moved AS (
      UPDATE account a SET "debitsPosted" = a."debitsPosted" + s.debits, "creditsPosted" = a."creditsPosted" + s.credits,
        version = a.version + s.rows
      FROM (SELECT "accountId", sum(debits)::bigint AS debits, sum(credits)::bigint AS credits, count(*) AS rows
            FROM taken GROUP BY "accountId") s
      WHERE a.id = s."accountId"
      RETURNING a.id, a.version - s.rows AS version,
        a."creditsPosted" - s.credits - a."debitsPosted" + s.debits AS posted, a."debitsPending" AS pending
    ), written AS (
      INSERT INTO entry ("accountId", "accountVersion", "txId", amount, "postedAfter", "availableAfter", "recordedAt")
      SELECT m.id, m.version + row_number() OVER w, d."txId", d.credits - d.debits,
        m.posted + sum(d.credits - d.debits) OVER w, m.posted - m.pending + sum(d.credits - d.debits) OVER w, d."recordedAt"
      FROM taken d JOIN moved m ON m.id = d."accountId"
      WINDOW w AS (PARTITION BY d."accountId" ORDER BY d.id)
      RETURNING 1
    )
    SELECT count(*) INTO folded FROM written;
    RETURN folded;
  END $$;
`;

/** As above; the accounts are found by their ids, whatever the plan that was made while there were few. */
export const LEDGER_FOLD_BY_ID = LEDGER_FOLD.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION').replace(
  'WHERE a.id = s."accountId"', 'WHERE a.id = s."accountId" AND a.id = ANY (ARRAY(SELECT "accountId" FROM taken))',
);
