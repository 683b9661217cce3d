/** A balance of every account of a purpose; what is not folded yet is counted in. */
const balances = (purpose: string): string => `SELECT a.id, a."ownerId" AS "merchantId", a.asset AS currency,
    (a."creditsPosted" - a."debitsPosted" + coalesce((SELECT sum(d.credits - d.debits) FROM pending_delta d WHERE d."accountId" = a.id), 0)) AS amount
  FROM account a WHERE a.purpose = '${purpose}'`;

const booked = (kind: string): string =>
  `coalesce((SELECT t.amount FROM ledger_tx t WHERE t."externalRef" = '${kind}:' || o.id::text AND t.kind = '${kind}'), 0)`;

/** What came to merchants and went back, by the inflow's version; entries of settlements themselves are none of it. */
const LINES = `SELECT e."accountId", e."accountVersion", e.amount, t.kind
  FROM entry e JOIN account a ON a.id = e."accountId" AND a.purpose = 'MERCHANT_INFLOW'
  JOIN ledger_tx t ON t.id = e."txId" WHERE t.kind <> 'MERCHANT_SETTLEMENT'`;

/** What the books must keep of settlement: each line in one batch, each batch booked as it says, and nothing paid that is not there. */
export const SETTLEMENT_CHECKS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'every settlement says exactly what its lines are',
    sql: `WITH lines AS (${LINES}), sums AS (SELECT s.id,
        coalesce(sum(l.amount) FILTER (WHERE l.kind = 'PAYMENT'), 0) AS gross, count(*) FILTER (WHERE l.kind = 'PAYMENT') AS payments,
        coalesce(-sum(l.amount) FILTER (WHERE l.kind = 'REFUND'), 0) AS refunds, count(*) FILTER (WHERE l.kind = 'REFUND') AS "refundCount",
        coalesce(sum(l.amount) FILTER (WHERE l.kind NOT IN ('PAYMENT', 'REFUND')), 0) AS adjustments
      FROM settlement s LEFT JOIN lines l ON l."accountId" = s."inflowId" AND l."accountVersion" > s."afterVersion" AND l."accountVersion" <= s."lastVersion"
      GROUP BY s.id)
      SELECT format('settlement %s: gross %s, refunds %s, adjustments %s, its lines %s, %s, %s', s.id, s.gross, s.refunds, s.adjustments, x.gross,
        x.refunds, x.adjustments) AS breach
      FROM settlement s JOIN sums x ON x.id = s.id
      WHERE s.gross <> x.gross OR s.refunds <> x.refunds OR s.adjustments <> x.adjustments OR s."paymentCount" <> x.payments
        OR s."refundCount" <> x."refundCount"`,
  },
  {
    name: 'the settlements of a merchant follow each other without a gap, in lines, numbers and balances',
    sql: `SELECT format('settlement %s of %s, number %s: after %s, the one before ends at %s', q.id, q."merchantId", q.number, q."afterVersion",
        q.before) AS breach
      FROM (SELECT s.*, c."closedVersion", c.number AS newest, c.owed,
          lag(s."lastVersion", 1, 0::bigint) OVER w AS before, lag(s.number, 1, 0) OVER w AS "numberBefore",
          lead(s.id) OVER w IS NULL AS "isLast"
        FROM settlement s JOIN settlement_cursor c ON c."inflowId" = s."inflowId" WINDOW w AS (PARTITION BY s."inflowId" ORDER BY s.number)) q
      WHERE q."afterVersion" <> q.before OR q.number <> q."numberBefore" + 1
        OR (q."isLast" AND (q."lastVersion" <> q."closedVersion" OR q.number <> q.newest OR greatest(-q.closing, 0) <> q.owed))`,
  },
  {
    name: 'every settlement is booked as it says, and no other',
    sql: `WITH moved AS (SELECT p."txId", a.purpose, sum(CASE WHEN a.id = p."creditAccountId" THEN p.amount ELSE -p.amount END) AS amount
        FROM posting p JOIN ledger_tx t ON t.id = p."txId" AND t.kind = 'MERCHANT_SETTLEMENT'
        JOIN account a ON a.id IN (p."creditAccountId", p."debitAccountId") GROUP BY p."txId", a.purpose),
      sums AS (SELECT "txId", coalesce(sum(amount) FILTER (WHERE purpose = 'MERCHANT_INFLOW'), 0) AS inflow,
        coalesce(sum(amount) FILTER (WHERE purpose = 'MERCHANT_FEES'), 0) AS fees,
        coalesce(sum(amount) FILTER (WHERE purpose = 'MERCHANT_RESERVE'), 0) AS reserve,
        coalesce(sum(amount) FILTER (WHERE purpose IN ('MERCHANT_PAYABLE', 'MERCHANT_RECEIVABLE')), 0) AS net FROM moved GROUP BY "txId")
      SELECT format('settlement %s, transaction %s: net %s and fees %s, booked %s and %s', s.id, x."txId", s.net, s.fees, x.net, x.fees) AS breach
      FROM settlement s FULL JOIN sums x ON x."txId" = s."transactionId"
      WHERE s.id IS NULL OR coalesce(x.net, 0) <> s.net OR coalesce(x.fees, 0) <> s.fees
        OR coalesce(x.reserve, 0) <> s."reserveHeld" - s."reserveReleased"
        OR coalesce(x.inflow, 0) <> -(s.gross - s.refunds + s.adjustments)`,
  },
  {
    name: 'what stands on a merchant\'s inflow is what no settlement has yet',
    sql: `WITH lines AS (${LINES}), unfolded AS (SELECT d."accountId", sum(d.credits - d.debits) AS amount
        FROM pending_delta d JOIN ledger_tx t ON t.id = d."txId" WHERE t.kind <> 'MERCHANT_SETTLEMENT' GROUP BY d."accountId"),
      unsettled AS (SELECT b.id, coalesce(sum(l.amount), 0) AS amount
        FROM (${balances('MERCHANT_INFLOW')}) b LEFT JOIN settlement_cursor c ON c."inflowId" = b.id
        LEFT JOIN lines l ON l."accountId" = b.id AND l."accountVersion" > coalesce(c."closedVersion", 0) GROUP BY b.id)
      SELECT format('merchant %s, %s: %s stands there, %s is unsettled', b."merchantId", b.currency, b.amount, u.amount + coalesce(f.amount, 0)) AS breach
      FROM (${balances('MERCHANT_INFLOW')}) b JOIN unsettled u ON u.id = b.id LEFT JOIN unfolded f ON f."accountId" = b.id
      WHERE b.amount <> u.amount + coalesce(f.amount, 0)`,
  },
  {
    name: 'of each merchant: paid in is paid out, fees, reserve and what is payable, less what is owed',
    sql: `WITH settled AS (SELECT "merchantId", currency, sum(gross - refunds + adjustments) AS came, sum(fees) AS fees,
          sum("reserveHeld") AS held, sum("reserveReleased") AS released,
          sum("reserveHeld") FILTER (WHERE "reserveReleasedBy" IS NOT NULL) AS given
        FROM settlement GROUP BY "merchantId", currency),
      paid AS (SELECT "merchantId", currency, sum(amount) AS amount FROM bank_order
        WHERE "merchantId" IS NOT NULL AND status IN ('PENDING', 'SETTLED') GROUP BY "merchantId", currency)
      SELECT format('merchant %s, %s: %s came, %s paid out, %s fees, %s in reserve (%s held), %s payable, %s owed', c."merchantId", c.currency, s.came,
        coalesce(p.amount, 0), s.fees, r.amount, s.held - s.released, b.amount, c.owed) AS breach
      FROM settlement_cursor c LEFT JOIN settled s ON s."merchantId" = c."merchantId" AND s.currency = c.currency
      LEFT JOIN paid p ON p."merchantId" = c."merchantId" AND p.currency = c.currency
      LEFT JOIN (${balances('MERCHANT_PAYABLE')}) b ON b."merchantId" = c."merchantId" AND b.currency = c.currency
      LEFT JOIN (${balances('MERCHANT_RESERVE')}) r ON r."merchantId" = c."merchantId" AND r.currency = c.currency
      LEFT JOIN (${balances('MERCHANT_RECEIVABLE')}) o ON o."merchantId" = c."merchantId" AND o.currency = c.currency
      WHERE coalesce(s.came, 0) <> coalesce(p.amount, 0) + coalesce(s.fees, 0) + coalesce(r.amount, 0) + coalesce(b.amount, 0) - c.owed
        OR coalesce(r.amount, 0) <> coalesce(s.held - s.released, 0) OR coalesce(s.released, 0) <> coalesce(s.given, 0)
        OR coalesce(o.amount, 0) <> -c.owed`,
  },
  {
    name: 'every payout is booked as far as its bank order says',
    sql: `SELECT format('payout %s is %s: booked %s, settled %s, given back %s', coalesce(o.id, t.id), o.status, t.amount, ${booked('BANK_SETTLEMENT')},
        ${booked('PAYOUT_REVERSAL')}) AS breach
      FROM (SELECT * FROM bank_order WHERE "merchantId" IS NOT NULL) o
      FULL JOIN (SELECT * FROM ledger_tx WHERE kind = 'PAYOUT') t ON t.id = o.id
      WHERE o.id IS NULL OR t.id IS NULL OR t.amount <> o.amount OR t."merchantId" <> o."merchantId" OR t.fee <> 0
        OR ${booked('BANK_SETTLEMENT')} <> CASE WHEN o.status IN ('SETTLED', 'RETURNED') THEN o.amount ELSE 0 END
        OR ${booked('PAYOUT_REVERSAL')} <> CASE WHEN o.status IN ('FAILED', 'RETURNED') THEN o.amount ELSE 0 END`,
  },
];
