import { WHOLE } from '../reconciliations/reconciliation.sql';

/** What the books must keep of what was compared with the bank, and of what was written off. */
export const BREAK_CHECKS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'every written-off break has exactly its approval, and the books follow the bank by its difference',
    sql: `SELECT format('break %s of %s is %s: approval %s, transaction %s of %s', coalesce(b.id::text, a."subjectId"::text), b.difference, b.status,
        a.id, t.id, t.amount) AS breach
      FROM (SELECT * FROM reconciliation_break WHERE status = 'WRITTEN_OFF') b
      FULL JOIN (SELECT * FROM approval WHERE kind = 'BREAK_WRITE_OFF' AND status = 'EXECUTED') a ON a."subjectId" = b.id
      LEFT JOIN ledger_tx t ON t.id = a."resultId"
      LEFT JOIN posting p ON p."txId" = t.id
      LEFT JOIN account d ON d.id = p."debitAccountId" LEFT JOIN account c ON c.id = p."creditAccountId"
      WHERE b.id IS NULL OR a.id IS NULL OR t.id IS NULL OR b."transactionId" <> t.id OR t.amount <> abs(b.difference) OR t.currency <> b.currency
        OR p.amount IS DISTINCT FROM t.amount OR d.purpose IS DISTINCT FROM CASE WHEN b.difference > 0 THEN 'BANK_SETTLEMENT' ELSE 'WRITE_OFFS' END
        OR c.purpose IS DISTINCT FROM CASE WHEN b.difference > 0 THEN 'WRITE_OFFS' ELSE 'BANK_SETTLEMENT' END`,
  },
  {
    name: 'the bookings of every bank file lead from its one balance to the other',
    sql: `SELECT format('reconciliation %s: from %s to %s, its lines come to %s', r.id, r."bankOpening", r."bankClosing", l.amount) AS breach
      FROM reconciliation r LEFT JOIN (SELECT "reconciliationId", sum("bankAmount") AS amount FROM reconciliation_line GROUP BY 1) l
        ON l."reconciliationId" = r.id
      WHERE r."bankOpening" + coalesce(l.amount, 0) <> r."bankClosing"
        AND ${WHOLE}`,
  },
];
