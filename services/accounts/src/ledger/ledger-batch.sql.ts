import { columnsOf, LEDGER_TX_COLUMNS } from './ledger.sql';

/**
 * Writes many transactions as ledger_post writes one. p_tx names the transaction of each leg; a transaction's legs stand
 * together, and of two transactions that move one account the earlier in the arrays is the earlier in its entries. Every
 * account's row is written once, however many of the transactions move it. Gives the strict accounts as they are after.
 */
export const LEDGER_POST_BATCH = `
  CREATE FUNCTION ledger_post_batch(p_txs jsonb, p_at timestamptz, p_tx uuid[], p_debit uuid[], p_credit uuid[], p_amount bigint[])
  RETURNS TABLE ("accountId" uuid, posted bigint)
  LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
  #variable_conflict use_column
  DECLARE
    wallets uuid[];
  BEGIN
    SELECT coalesce(array_agg(x.id), '{}') INTO wallets FROM (
      SELECT a.id FROM account a WHERE a.id = ANY (p_debit || p_credit) AND a."postingMode" = 'STRICT'
      ORDER BY a.id FOR NO KEY UPDATE) x;
    INSERT INTO ledger_tx (${LEDGER_TX_COLUMNS}) SELECT ${columnsOf('t')} FROM jsonb_populate_recordset(NULL::ledger_tx, p_txs) t;
    INSERT INTO posting ("txId", seq, "debitAccountId", "creditAccountId", asset, amount)
      SELECT l.tx, row_number() OVER (PARTITION BY l.tx ORDER BY l.n), l.d, l.c, t.currency, l.a
      FROM unnest(p_tx, p_debit, p_credit, p_amount) WITH ORDINALITY AS l (tx, d, c, a, n)
      JOIN jsonb_to_recordset(p_txs) AS t (id uuid, currency text) ON t.id = l.tx ORDER BY l.n;
    RETURN QUERY
      WITH move AS MATERIALIZED (
        SELECT l.tx, l.id, min(l.n) AS n, sum(l.d)::bigint AS d, sum(l.c)::bigint AS c FROM (
          SELECT s.tx, s.id, s.a AS d, 0::bigint AS c, s.n FROM unnest(p_tx, p_debit, p_amount) WITH ORDINALITY AS s (tx, id, a, n)
          UNION ALL
          SELECT s.tx, s.id, 0, s.a, s.n FROM unnest(p_tx, p_credit, p_amount) WITH ORDINALITY AS s (tx, id, a, n)) l
        GROUP BY l.tx, l.id
      ), deferred AS (
        INSERT INTO pending_delta ("accountId", "txId", debits, credits, "recordedAt")
        SELECT m.id, m.tx, m.d, m.c, p_at FROM move m WHERE m.id <> ALL (wallets) ORDER BY m.n
      ), moved AS (
        UPDATE account a SET "debitsPosted" = a."debitsPosted" + s.d, "creditsPosted" = a."creditsPosted" + s.c,
          version = a.version + s.rows
        FROM (SELECT m.id, sum(m.d)::bigint AS d, sum(m.c)::bigint AS c, count(*) AS rows FROM move m
              WHERE m.id = ANY (wallets) GROUP BY m.id) s
        WHERE a.id = s.id AND a.id = ANY (wallets)
        RETURNING a.id, a.version - s.rows AS version, a."creditsPosted" - s.c - a."debitsPosted" + s.d AS before,
          a."creditsPosted" - a."debitsPosted" AS posted, a."debitsPending" AS pending
      ), written AS (
        INSERT INTO entry ("accountId", "accountVersion", "txId", amount, "postedAfter", "availableAfter", "recordedAt")
        SELECT m.id, o.version + row_number() OVER w, m.tx, m.c - m.d, o.before + sum(m.c - m.d) OVER w,
          o.before - o.pending + sum(m.c - m.d) OVER w, p_at
        FROM move m JOIN moved o ON o.id = m.id WINDOW w AS (PARTITION BY m.id ORDER BY m.n)
      )
      SELECT o.id, o.posted FROM moved o;
  END $$;
`;

/** As above, with the transactions taken out of their JSON once: their legs have the currency of the row that was just written. */
export const LEDGER_POST_BATCH_ONCE = LEDGER_POST_BATCH.replace('CREATE FUNCTION', 'CREATE OR REPLACE FUNCTION').replace(
  `INSERT INTO ledger_tx (${LEDGER_TX_COLUMNS}) SELECT ${columnsOf('t')} FROM jsonb_populate_recordset(NULL::ledger_tx, p_txs) t;
    INSERT INTO posting`,
  `WITH t AS (
      INSERT INTO ledger_tx (${LEDGER_TX_COLUMNS}) SELECT ${columnsOf('t')} FROM jsonb_populate_recordset(NULL::ledger_tx, p_txs) t
      RETURNING id, currency)
    INSERT INTO posting`,
).replace('JOIN jsonb_to_recordset(p_txs) AS t (id uuid, currency text) ON', 'JOIN t ON');

/** Fails where accounts do not hold what they were expected to: for a statement that is committed before its sender could look. */
export const LEDGER_EXPECT = `
  CREATE FUNCTION ledger_expect(p_accounts uuid[], p_expected bigint[], p_moved uuid[], p_posted bigint[]) RETURNS void
  LANGUAGE plpgsql AS $$
  DECLARE
    v_account uuid;
  BEGIN
    SELECT w.account INTO v_account FROM (
      SELECT account, posted FROM unnest(p_accounts, p_expected) AS e (account, posted)
      EXCEPT SELECT account, posted FROM unnest(p_moved, p_posted) AS m (account, posted)) w LIMIT 1;
    IF FOUND THEN RAISE EXCEPTION 'account % was posted on another balance', v_account USING ERRCODE = 'restrict_violation'; END IF;
  END $$;
`;
