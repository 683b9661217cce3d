/**
 * The version of an account at its last entry before an instant; 0 where there is none. Entries are written under the account's
 * lock, so instants grow with versions, and the place is found by halving: a probe of the primary key for each doubling, and no
 * index that every payment would have to write.
 */
export const ENTRY_VERSION_BEFORE = `
  CREATE FUNCTION entry_version_before(p_account uuid, p_instant timestamptz) RETURNS bigint
  LANGUAGE plpgsql STABLE SET enable_seqscan = off SET jit = off AS $$
  DECLARE
    low bigint := 0;
    high bigint := coalesce((SELECT a.version FROM account a WHERE a.id = p_account), 0);
    middle bigint;
  BEGIN
    WHILE low < high LOOP
      middle := (low + high + 1) / 2;
      IF (SELECT e."recordedAt" FROM entry e WHERE e."accountId" = p_account AND e."accountVersion" = middle) < p_instant THEN
        low := middle;
      ELSE
        high := middle - 1;
      END IF;
    END LOOP;
    RETURN low;
  END $$;
`;

/** Where each of some months of a wallet begins and ends among its entries, with the balances there and the sums between. */
export const SUMMARIES = `/* statements.summaries */
  SELECT m.name, v.after, v.last, coalesce(o."postedAfter", 0) AS opening, coalesce(c."postedAfter", 0) AS closing,
    s.credits, s.debits, s."creditCount", s."debitCount"
  FROM unnest($2::text[], $3::timestamptz[], $4::timestamptz[]) WITH ORDINALITY AS m (name, begins, ends, n)
  CROSS JOIN LATERAL (SELECT entry_version_before($1, m.begins) AS after, entry_version_before($1, m.ends) AS last) v
  LEFT JOIN entry o ON o."accountId" = $1 AND o."accountVersion" = v.after
  LEFT JOIN entry c ON c."accountId" = $1 AND c."accountVersion" = v.last
  CROSS JOIN LATERAL (
    SELECT coalesce(sum(e.amount) FILTER (WHERE e.amount > 0), 0)::bigint AS credits,
      coalesce(-sum(e.amount) FILTER (WHERE e.amount < 0), 0)::bigint AS debits,
      count(*) FILTER (WHERE e.amount > 0)::integer AS "creditCount", count(*) FILTER (WHERE e.amount < 0)::integer AS "debitCount"
    FROM entry e WHERE e."accountId" = $1 AND e."accountVersion" > v.after AND e."accountVersion" <= v.last) s
  ORDER BY m.n`;

/**
 * The entries of a wallet after a version up to another, oldest first, with what their transactions are. What gives money back stands under
 * the transaction that it undoes, which is the one that its owner knows.
 */
export const LINES = `/* statements.lines */
  SELECT e."accountVersion" AS version, e."txId" AS "sealedFor", e.amount,
    CASE WHEN t.kind IN ('WITHDRAWAL_REVERSAL', 'TOP_UP_RETURN', 'DEBT_COLLECTION') THEN t."parentId" ELSE t.id END AS "transactionId",
    CASE WHEN t.kind = 'WITHDRAWAL_REVERSAL' THEN 'WITHDRAWAL' WHEN t.kind IN ('TOP_UP_RETURN', 'DEBT_COLLECTION') THEN 'TOP_UP' ELSE t.kind END AS kind, e."postedAfter" AS "balanceAfter",
    e."recordedAt" AS "bookedAt", t."merchantId", t.description,
    CASE WHEN e."accountId" = t."walletId" THEN t.fee ELSE 0 END AS fee,
    CASE WHEN e."accountId" = t."walletId" THEN t."counterpartyId" ELSE t."personId" END AS "otherPersonId"
  FROM entry e JOIN ledger_tx t ON t.id = e."txId"
  WHERE e."accountId" = $1 AND e."accountVersion" > $2 AND e."accountVersion" <= $3
  ORDER BY e."accountVersion" LIMIT $4`;
