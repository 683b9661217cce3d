/** Inflows that no cursor knows get one: a merchant's first payment does nothing for it. */
export const NEW_CURSORS = `/* settlements.cursors */
  INSERT INTO settlement_cursor ("inflowId", "merchantId", currency, number, "closedVersion", owed, "lookAt")
  SELECT a.id, a."ownerId", a.asset, 0, 0, 0, $1 FROM account a
  WHERE a.purpose = 'MERCHANT_INFLOW' AND NOT EXISTS (SELECT 1 FROM settlement_cursor c WHERE c."inflowId" = a.id)
  ORDER BY a.id LIMIT $2 ON CONFLICT DO NOTHING`;

/** What a merchant's next batch depends on. Entries of settlements themselves are no lines. */
export const WAITING = `/* settlements.waiting */
  SELECT (SELECT e."recordedAt" FROM entry e JOIN ledger_tx t ON t.id = e."txId"
      WHERE e."accountId" = $1 AND e."accountVersion" > $2 AND t.kind <> 'MERCHANT_SETTLEMENT' ORDER BY e."accountVersion" LIMIT 1) AS "firstLineAt",
    (SELECT min(s."reserveReleaseDay")::text FROM settlement s
      WHERE s."inflowId" = $1 AND s."reserveHeld" > 0 AND s."reserveReleasedBy" IS NULL) AS "releaseDay"`;

/** Whether a line of before an instant still waits for the folder to give it its place. */
export const UNFOLDED = `/* settlements.unfolded */
  SELECT EXISTS (SELECT 1 FROM pending_delta d JOIN ledger_tx t ON t.id = d."txId"
    WHERE d."accountId" = $1 AND d."recordedAt" < $2 AND t.kind <> 'MERCHANT_SETTLEMENT') AS waits`;

/**
 * The sums of a batch: the entries after a version, up to the one before the first that is of a later instant. Versions have no gap and are
 * given under one lease, so nothing can come in between later, however long its transaction was open. The fixed fee of a payment is at most
 * what the rate leaves of it (`fixedFeeOf`).
 */
export const BATCH = `/* settlements.batch */
  WITH cut AS (
    SELECT coalesce((SELECT e."accountVersion" - 1 FROM entry e JOIN ledger_tx t ON t.id = e."txId"
        WHERE e."accountId" = $1 AND e."accountVersion" > $2 AND e."recordedAt" >= $3 AND t.kind <> 'MERCHANT_SETTLEMENT'
        ORDER BY e."accountVersion" LIMIT 1),
      (SELECT e."accountVersion" FROM entry e WHERE e."accountId" = $1 ORDER BY e."accountVersion" DESC LIMIT 1), $2) AS last
  )
  SELECT cut.last AS "lastVersion", s.* FROM cut CROSS JOIN LATERAL (
    SELECT coalesce(sum(e.amount) FILTER (WHERE t.kind = 'PAYMENT'), 0)::bigint AS gross,
      coalesce(-sum(e.amount) FILTER (WHERE t.kind = 'REFUND'), 0)::bigint AS refunds,
      coalesce(sum(e.amount) FILTER (WHERE t.kind NOT IN ('PAYMENT', 'REFUND')), 0)::bigint AS adjustments,
      count(*) FILTER (WHERE t.kind = 'PAYMENT')::integer AS "paymentCount", count(*) FILTER (WHERE t.kind = 'REFUND')::integer AS "refundCount",
      count(*)::integer AS lines,
      coalesce(sum(least($4::bigint, e.amount - div(e.amount::numeric * $5::integer + 9999, 10000)::bigint)) FILTER (WHERE t.kind = 'PAYMENT'), 0)::bigint AS "fixedFees"
    FROM entry e JOIN ledger_tx t ON t.id = e."txId"
    WHERE e."accountId" = $1 AND e."accountVersion" > $2 AND e."accountVersion" <= cut.last AND t.kind <> 'MERCHANT_SETTLEMENT') s`;

/** The terms of a batch: the newest that an operator has set for its day, else the rate of the merchant's plan. */
export const TERMS = `/* settlements.terms */
  SELECT coalesce(t."feeBasisPoints", m."feeBasisPoints", 0) AS "feeBasisPoints", coalesce(t."feeFixed", 0) AS "feeFixed",
    coalesce(t."reserveBasisPoints", 0) AS "reserveBasisPoints", coalesce(t."reserveDays", 0) AS "reserveDays"
  FROM (SELECT 1) one LEFT JOIN merchant_copy m ON m."merchantId" = $1
  LEFT JOIN LATERAL (SELECT * FROM merchant_terms t WHERE t."merchantId" = $1 AND t.currency = $2 AND t."effectiveFrom" < $3
    ORDER BY t."effectiveFrom" DESC, t."setAt" DESC, t.id DESC LIMIT 1) t ON true`;

/** What was held back, is due on a day, and no batch has released; in one statement with the batch that releases it. */
export const RELEASABLE = `/* settlements.releasable */
  SELECT coalesce(sum("reserveHeld"), 0)::bigint AS amount FROM settlement
  WHERE "inflowId" = $1 AND "reserveHeld" > 0 AND "reserveReleasedBy" IS NULL AND "reserveReleaseDay" <= $2::date`;

export const RELEASE = `/* settlements.release */
  UPDATE settlement SET "reserveReleasedBy" = $3
  WHERE "inflowId" = $1 AND "reserveHeld" > 0 AND "reserveReleasedBy" IS NULL AND "reserveReleaseDay" <= $2::date AND id <> $3`;

export const WRITE = `/* settlements.write */
  INSERT INTO settlement (id, "inflowId", "merchantId", currency, number, "businessDay", "afterVersion", "lastVersion", "until", gross, refunds,
    adjustments, fees, "reserveHeld", "reserveReleased", net, opening, closing, "paymentCount", "refundCount", "feeBasisPoints", "feeFixed",
    "reserveReleaseDay", "transactionId", "closedAt")
  SELECT s.id, s."inflowId", s."merchantId", s.currency, s.number, s."businessDay", s."afterVersion", s."lastVersion", s."until", s.gross, s.refunds,
    s.adjustments, s.fees, s."reserveHeld", s."reserveReleased", s.net, s.opening, s.closing, s."paymentCount", s."refundCount", s."feeBasisPoints",
    s."feeFixed", s."reserveReleaseDay", s."transactionId", s."closedAt"
  FROM jsonb_populate_record(NULL::settlement, $1::jsonb) s`;

export const ADVANCE = `/* settlements.advance */
  UPDATE settlement_cursor SET number = $2, "closedVersion" = $3, "closedUntil" = $4, owed = $5, "lookAt" = $6,
    "payAt" = CASE WHEN $7::boolean THEN $6 ELSE "payAt" END
  WHERE "inflowId" = $1`;
