/** What the books must keep of what two persons decided. */
export const APPROVAL_CHECKS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'every executed approval has exactly its transaction, and none of these kinds is booked without one',
    sql: `SELECT format('approval %s: %s of %s %s, booked %s %s of %s %s', coalesce(a.id::text, t."externalRef"), a.kind, a.amount, a.currency,
        t.id, t.kind, t.amount, t.currency) AS breach
      FROM (SELECT * FROM approval WHERE status = 'EXECUTED' AND kind IN ('MANUAL_ADJUSTMENT', 'BREAK_WRITE_OFF', 'DEBT_WRITE_OFF', 'MERCHANT_WRITE_OFF')) a
      FULL JOIN (SELECT * FROM ledger_tx WHERE kind IN ('ADJUSTMENT_CREDIT', 'ADJUSTMENT_DEBIT', 'BREAK_WRITE_OFF', 'DEBT_WRITE_OFF', 'MERCHANT_WRITE_OFF')) t
        ON t."externalRef" = 'approval:' || a.id::text
      WHERE a.id IS NULL OR t.id IS NULL OR t.id <> a."resultId" OR t.amount <> a.amount OR t.currency <> a.currency
        OR t.kind <> CASE a.kind WHEN 'MANUAL_ADJUSTMENT' THEN 'ADJUSTMENT_' || (a.payload->>'direction') ELSE a.kind END
        OR (a.kind = 'MANUAL_ADJUSTMENT' AND t."walletId" <> a."subjectId")
        OR (a.kind = 'DEBT_WRITE_OFF' AND t."parentId" IS DISTINCT FROM a."subjectId")
        OR (a.kind = 'MERCHANT_WRITE_OFF' AND t."merchantId" IS DISTINCT FROM a."subjectId")`,
  },
  {
    name: 'every approval that was executed was decided by another person than asked, and the trail says so',
    sql: `SELECT format('approval %s is %s: asked for by %s, decided by %s, the trail has %s', a.id, a.status, a."requestedBy", a."decidedBy",
        coalesce(e.actions, 'nothing')) AS breach
      FROM approval a LEFT JOIN (SELECT "subjectId", string_agg(action, ', ' ORDER BY id) AS actions,
          count(*) FILTER (WHERE action = 'REQUESTED') AS requests,
          max("actorId"::text) FILTER (WHERE action = 'REQUESTED') AS requester,
          count(*) FILTER (WHERE action <> 'REQUESTED') AS decisions,
          max("actorId"::text) FILTER (WHERE action = 'EXECUTED') AS approver
        FROM audit_entry WHERE "subjectKind" = 'APPROVAL' GROUP BY "subjectId") e ON e."subjectId" = a.id::text
      WHERE e.requests IS DISTINCT FROM 1 OR e.requester IS DISTINCT FROM a."requestedBy"::text
        OR e.decisions IS DISTINCT FROM (CASE a.status WHEN 'REQUESTED' THEN 0 ELSE 1 END)
        OR (a.status = 'EXECUTED' AND (a."decidedBy" = a."requestedBy" OR e.approver IS DISTINCT FROM a."decidedBy"::text))`,
  },
  {
    name: 'nothing waits for approval that somebody asked for who has lost the role since',
    sql: `SELECT format('approval %s, asked for by %s, who lost the role at %s', a.id, a."requestedBy", e.at) AS breach
      FROM approval a CROSS JOIN LATERAL (SELECT action, at FROM audit_entry WHERE "subjectKind" = 'OPERATOR' AND "subjectId" = a."requestedBy"::text
        ORDER BY id DESC LIMIT 1) e
      WHERE a.status = 'REQUESTED' AND e.action = 'REVOKED' AND a."expiresAt" > e.at`,
  },
  {
    name: 'every limit on amounts that an operator raised was approved by two',
    sql: `SELECT format('limit %s, version %s: %s after %s, entered by %s', d.id, d.version, d.cap, p.cap, d."enteredBy") AS breach
      FROM limit_definition d JOIN limit_definition p ON p.id = d.id AND p.version = d.version - 1
      LEFT JOIN approval a ON a."resultId" = d."changeId" AND a.kind = 'LIMIT_RAISE' AND a.status = 'EXECUTED' AND a.amount = d.cap
        AND a."decidedBy" = d."enteredBy"
      WHERE d.measure = 'AMOUNT' AND d.cap > p.cap AND d."enteredBy" IS NOT NULL AND a.id IS NULL`,
  },
];
