/**
 * What the books must keep of what was written off of merchants. The trail names the batch that was the last when it was decided: what stood on the inflow
 * then, that no batch had yet, and what was added, is at most what that batch left owing.
 */
export const MERCHANT_WRITE_OFF_CHECKS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'of a merchant nothing is written off but what its last settlement left owing, out of the write-offs and into its inflow',
    sql: `WITH off AS (SELECT t.id, t.amount, t."merchantId", t.currency, s.number, s.closing, s."lastVersion", e."accountVersion" AS version,
        EXISTS (SELECT 1 FROM posting p JOIN account d ON d.id = p."debitAccountId" AND d.purpose = 'WRITE_OFFS'
          WHERE p."txId" = t.id AND p."creditAccountId" = c."inflowId" AND p.amount = t.amount) AS booked
      FROM ledger_tx t LEFT JOIN settlement_cursor c ON c."merchantId" = t."merchantId" AND c.currency = t.currency
      LEFT JOIN audit_entry a ON a."subjectKind" = 'MERCHANT' AND a."subjectId" = t."merchantId"::text AND a.action = 'WRITTEN_OFF'
        AND a.after->>'transactionId' = t.id::text
      LEFT JOIN settlement s ON s."inflowId" = c."inflowId" AND s.number = (a.after->>'settlement')::integer
      LEFT JOIN entry e ON e."txId" = t.id AND e."accountId" = c."inflowId"
      WHERE t.kind = 'MERCHANT_WRITE_OFF'),
      standing AS (SELECT o.*, (SELECT sum(w.amount) FROM off w WHERE w."merchantId" = o."merchantId" AND w.currency = o.currency AND w.number <= o.number
        AND (w.version IS NULL OR w.version > o."lastVersion")) AS sum FROM off o)
      SELECT format('write-off %s of merchant %s: %s %s, %s in all after settlement %s, which left %s; into its inflow: %s', id, "merchantId", amount, currency,
        sum, coalesce(number::text, 'none in the trail'), closing, booked) AS breach
      FROM standing WHERE number IS NULL OR NOT booked OR sum > greatest(-closing, 0)`,
  },
];
