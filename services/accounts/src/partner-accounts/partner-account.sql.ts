import { comingTo, floorOf } from '../history-imports/history-import.sql';

const MAX_VERSION = 9_223_372_036_854_775_807n;

/**
 * The open accounts of the bank $1. Of an import that is being booked, or taken back, nothing is shown: what an account was before its first
 * line stands at the entry before it.
 */
export const ACCOUNTS = `SELECT p.id, p."partnerId", p.currency, p.number,
    CASE WHEN c.version IS NULL THEN a."creditsPosted" - a."debitsPosted"
      ELSE (SELECT e."postedAfter" FROM entry e WHERE e."accountId" = p.id AND e."accountVersion" = c.version - 1) END AS balance,
    CASE WHEN c."bookedOn" IS NULL THEN -a."minAvailable" ELSE -${floorOf('p.id', '$1')} END AS overdraft,
    f.day AS "firstBookedOn", l.day AS "lastBookedOn"
  FROM partner_account p JOIN account a ON a.id = p.id
  LEFT JOIN LATERAL (${comingTo('p.id', '$1')}) c ON true
  CROSS JOIN LATERAL (SELECT "bookedOn"::text AS day FROM history_line h WHERE h."accountId" = p.id AND h.version IS NOT NULL
    ORDER BY h."bookedOn", h.version LIMIT 1) f
  CROSS JOIN LATERAL (SELECT "bookedOn"::text AS day FROM history_line h WHERE h."accountId" = p.id AND h.version IS NOT NULL
    AND h."bookedOn" <= coalesce(c."bookedOn", 'infinity') AND h.version < coalesce(c.version, ${MAX_VERSION}) ORDER BY h."bookedOn" DESC, h.version DESC LIMIT 1) l
  WHERE p."partnerId" = $1 AND p."openedAt" IS NOT NULL`;

/**
 * Where each of some months of the account $1 of the bank $4 begins and ends among its entries: days never go back, so versions grow with them.
 * `OFFSET 0` keeps the order of the join: right after a history has come the planner takes a month for one line, and any other order looks through it once for each.
 */
export const SUMMARIES = `/* partnerAccounts.summaries */
  SELECT v.after, v.last, coalesce(o."postedAfter", 0) AS opening, coalesce(c."postedAfter", 0) AS closing,
    s.credits, s.debits, s."creditCount", s."debitCount"
  FROM (SELECT coalesce((SELECT version FROM (${comingTo('$1', '$4')}) coming), ${MAX_VERSION}) AS version FROM partner_account p WHERE p.id = $1 AND p."partnerId" = $4) hidden
  CROSS JOIN unnest($2::date[], $3::date[]) WITH ORDINALITY AS m (begins, ends, n)
  CROSS JOIN LATERAL (SELECT
    coalesce((SELECT h.version FROM history_line h WHERE h."accountId" = $1 AND h.version < hidden.version AND h."bookedOn" < m.begins
      ORDER BY h."bookedOn" DESC, h.version DESC LIMIT 1), 0) AS after,
    coalesce((SELECT h.version FROM history_line h WHERE h."accountId" = $1 AND h.version < hidden.version AND h."bookedOn" < m.ends
      ORDER BY h."bookedOn" DESC, h.version DESC LIMIT 1), 0) AS last) v
  LEFT JOIN entry o ON o."accountId" = $1 AND o."accountVersion" = v.after
  LEFT JOIN entry c ON c."accountId" = $1 AND c."accountVersion" = v.last
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0)::bigint AS credits,
      coalesce(-sum(e.amount) FILTER (WHERE e.amount < 0), 0)::bigint AS debits,
      count(*) FILTER (WHERE e.amount > 0)::integer AS "creditCount", count(*) FILTER (WHERE e.amount < 0)::integer AS "debitCount"
    FROM entry e CROSS JOIN LATERAL (SELECT 1 FROM history_line h
      WHERE h.id = e."txId" AND h.version IS NOT NULL AND h."bookedOn" >= m.begins AND h."bookedOn" < m.ends OFFSET 0) line
    WHERE e."accountId" = $1 AND e."accountVersion" > v.after AND e."accountVersion" <= v.last) s
  ORDER BY m.n`;

/**
 * Entries of the account $1 of the bank $5 after a version up to another, oldest first, with what the bank says of them and the day that it booked on. What an import left that
 * was taken back is not shown but counted, each entry by what it is: a statement ties out with it, and with nothing else between its lines.
 */
export const LINES = `/* partnerAccounts.lines */
  SELECT q.*, CASE WHEN q.version - 1 = lag(q.version, 1, $2::bigint) OVER w THEN 0 ELSE (
      SELECT count(*)::integer FROM entry s JOIN ledger_tx u ON u.id = s."txId" LEFT JOIN history_line r ON r.id = coalesce(u."parentId", u.id)
      WHERE s."accountId" = $1 AND s."accountVersion" < q.version AND r.version IS NULL AND r.id IS NOT NULL
        AND s."accountVersion" > coalesce((SELECT max(p.version) FROM history_line p WHERE p."accountId" = $1 AND p.version < q.version), 0)) END AS "takenBack"
  FROM (
    SELECT e."accountVersion" AS version, e."txId" AS "transactionId", t.kind, e.amount, e."postedAfter" AS "balanceAfter",
      h."bookedOn"::timestamp AT TIME ZONE 'UTC' AS "bookedAt", h.details AS sealed
    FROM entry e JOIN ledger_tx t ON t.id = e."txId" JOIN history_line h ON h.id = e."txId" AND h.version IS NOT NULL
    WHERE e."accountId" = $1 AND e."accountVersion" > $2 AND e."accountVersion" <= $3
      AND EXISTS (SELECT FROM partner_account p WHERE p.id = $1 AND p."partnerId" = $5)
    ORDER BY e."accountVersion" LIMIT $4) q
  WINDOW w AS (ORDER BY q.version) ORDER BY q.version`;
