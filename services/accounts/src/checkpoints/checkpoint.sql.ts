/**
 * The hash chain over the books: a row for each closed range of transactions, in order of their instant and id. `hash` is
 * over the hash before it and everything else in the row; `ids` and `digests` have 16 and 32 bytes a transaction.
 */
export const CHECKPOINT_TABLE = `
  CREATE TABLE ledger_checkpoint (
    number bigint CONSTRAINT ledger_checkpoint_pkey PRIMARY KEY,
    "untilAt" timestamptz NOT NULL,
    "untilId" uuid NOT NULL,
    ids bytea NOT NULL,
    digests bytea NOT NULL,
    hash bytea NOT NULL,
    "writtenAt" timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT ledger_checkpoint_shape CHECK (number > 0 AND octet_length(ids) > 0 AND octet_length(hash) = 32
      AND octet_length(digests) = 2 * octet_length(ids))
  );
  CREATE TRIGGER ledger_checkpoint_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_checkpoint
    EXECUTE FUNCTION refuse_change();
  CREATE INDEX ledger_tx_order ON ledger_tx ("recordedAt", id);
`;

/** Takes the chain back. */
export const CHECKPOINT_DOWN = 'DROP TABLE ledger_checkpoint; DROP INDEX ledger_tx_order;';

// To the microsecond, and the same under every setting of a session.
const UTC = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

// What is hashed of a transaction: its row, its postings and its entries, every column in a fixed order. Of the free text only
// that there is one: its seal is bound to the transaction and proves what it says, and is another once a key has turned. The
// text is made here and hashed by the program: a function of the database could be replaced by whoever may change the rows.
const CONTENT = `to_char(t."recordedAt" AT TIME ZONE 'UTC', ${UTC}) AS at, t.id,
    jsonb_build_array(t.id, t.kind, t.currency, t.amount, t.fee, t."feeWaived", t."personId", t."walletId", t."counterpartyId",
      t."counterWalletId", t."merchantId", t."parentId", t."campaignId", t."externalRef", t.description IS NOT NULL,
      to_char(t."recordedAt" AT TIME ZONE 'UTC', ${UTC}), p.legs, e.lines)::text AS content,
    p.accounts = e.accounts AS whole`;

const PARTS = `CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(l.seq, l."debitAccountId", l."creditAccountId", l.asset, l.amount) ORDER BY l.seq) AS legs,
      (SELECT count(DISTINCT a.id) FROM posting m, unnest(ARRAY[m."debitAccountId", m."creditAccountId"]) AS a (id)
       WHERE m."txId" = t.id) AS accounts
    FROM posting l WHERE l."txId" = t.id
  ) p CROSS JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(n."accountId", n."accountVersion", n.amount, n."postedAfter", n."availableAfter",
        to_char(n."recordedAt" AT TIME ZONE 'UTC', ${UTC})) ORDER BY n."accountId") AS lines, count(*) AS accounts
    FROM entry n WHERE n."txId" = t.id
  ) e`;

/** The next transactions behind a place that were decided at least $4 seconds before an instant. */
export const NEXT_TRANSACTIONS = `/* checkpoints.next */ SELECT ${CONTENT} FROM (
    SELECT * FROM ledger_tx WHERE ("recordedAt", id) > ($1::timestamptz, $2::uuid)
      AND "recordedAt" < $3::timestamptz - make_interval(secs => $4) ORDER BY ledger_tx."recordedAt", ledger_tx.id LIMIT $5
  ) t ${PARTS} ORDER BY t."recordedAt", t.id`;

/** The transactions behind one place up to another. */
export const RANGE_OF_TRANSACTIONS = `/* checkpoints.range */ SELECT ${CONTENT} FROM (
    SELECT * FROM ledger_tx WHERE ("recordedAt", id) > ($1::timestamptz, $2::uuid)
      AND ("recordedAt", id) <= ($3::timestamptz, $4::uuid) ORDER BY ledger_tx."recordedAt", ledger_tx.id LIMIT $5
  ) t ${PARTS} ORDER BY t."recordedAt", t.id`;

const COLUMNS = `number, to_char("untilAt" AT TIME ZONE 'UTC', ${UTC}) AS "untilAt", "untilId", ids, digests, hash`;

export const LAST_CHECKPOINT = `/* checkpoints.last */ SELECT ${COLUMNS} FROM ledger_checkpoint ORDER BY number DESC LIMIT 1`;

export const CHECKPOINTS_AFTER = `/* checkpoints.after */ SELECT ${COLUMNS} FROM ledger_checkpoint
  WHERE number > $1 ORDER BY number LIMIT $2`;

/** The clock, and which transactions may still be running: all below `xmax` that have not ended are at `xmin` or above. */
export const FENCE = `/* checkpoints.fence */ SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', ${UTC}) AS at,
  pg_snapshot_xmin(s)::text AS xmin, pg_snapshot_xmax(s)::text AS xmax FROM pg_current_snapshot() s`;
