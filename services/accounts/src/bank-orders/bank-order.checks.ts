/** A balance of each currency's system account of a purpose; what is not folded yet is counted in. */
export const balances = (purpose: string): string => `SELECT a.asset AS currency,
    (a."creditsPosted" - a."debitsPosted" + coalesce((SELECT sum(d.credits - d.debits) FROM pending_delta d WHERE d."accountId" = a.id), 0)) AS amount
  FROM account a WHERE a.purpose = '${purpose}'`;

/** The amount of the one posting of a kind that an order brought, by the name that it is booked under. */
export const booked = (kind: string): string =>
  `coalesce((SELECT t.amount FROM ledger_tx t WHERE t."externalRef" = '${kind}:' || o.id::text AND t.kind = '${kind}'), 0)`;

/** What the books must keep of orders to the bank. */
export const BANK_CHECKS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'what clears at the bank is what withdrawals have under way, and nothing else',
    sql: `SELECT format('%s: %s clears, %s is under way', c.currency, c.amount, coalesce(o.amount, 0)) AS breach
      FROM (${balances('BANK_CLEARING')}) c
      LEFT JOIN (SELECT currency, sum(amount) AS amount FROM bank_order WHERE direction = 'CREDIT' AND status = 'PENDING'
        GROUP BY currency) o ON o.currency = c.currency
      WHERE c.amount <> coalesce(o.amount, 0)`,
  },
  {
    name: 'what is receivable is what returned top-ups still owe',
    sql: `SELECT format('%s: %s is receivable, %s is owed', r.currency, -r.amount, coalesce(o.owed, 0)) AS breach
      FROM (${balances('BANK_RECEIVABLE')}) r
      LEFT JOIN (SELECT currency, sum(owed - collected - "writtenOff") AS owed FROM bank_order GROUP BY currency) o ON o.currency = r.currency
      WHERE -r.amount <> coalesce(o.owed, 0)`,
  },
  {
    name: 'what was collected and written off of what returned top-ups owe stands in the books, from their own wallets',
    sql: `SELECT format('order %s owed %s: collected %s and written off %s, booked %s and %s', coalesce(o.id, b."parentId"), o.owed, o.collected, o."writtenOff",
        b.collected, b."writtenOff") AS breach
      FROM (SELECT * FROM bank_order WHERE owed > 0) o
      FULL JOIN (SELECT "parentId", coalesce(sum(amount) FILTER (WHERE kind = 'DEBT_COLLECTION'), 0) AS collected,
          coalesce(sum(amount) FILTER (WHERE kind = 'DEBT_WRITE_OFF'), 0) AS "writtenOff",
          bool_and(kind = 'DEBT_WRITE_OFF' OR "walletId" = (SELECT w."walletId" FROM bank_order w WHERE w.id = "parentId")) AS own
        FROM ledger_tx WHERE kind IN ('DEBT_COLLECTION', 'DEBT_WRITE_OFF')
          AND NOT EXISTS (SELECT 1 FROM top_up u WHERE u.id = "parentId") GROUP BY "parentId") b ON b."parentId" = o.id
      WHERE o.id IS NULL OR o.collected <> coalesce(b.collected, 0) OR o."writtenOff" <> coalesce(b."writtenOff", 0) OR NOT coalesce(b.own, true)`,
  },
  {
    name: 'every withdrawal is booked as far as its bank order says',
    sql: `SELECT format('withdrawal %s is %s: booked %s and %s, settled %s, given back %s', coalesce(o.id, t.id), o.status, t.amount, t.fee,
        ${booked('BANK_SETTLEMENT')}, ${booked('WITHDRAWAL_REVERSAL')}) AS breach
      FROM (SELECT * FROM bank_order WHERE direction = 'CREDIT' AND "merchantId" IS NULL) o
      FULL JOIN (SELECT * FROM ledger_tx WHERE kind = 'WITHDRAWAL') t ON t.id = o.id
      WHERE o.id IS NULL OR t.id IS NULL OR t.amount <> o.amount OR t.fee <> o.fee OR t."walletId" <> o."walletId"
        OR ${booked('BANK_SETTLEMENT')} <> CASE WHEN o.status IN ('SETTLED', 'RETURNED') THEN o.amount ELSE 0 END
        OR ${booked('WITHDRAWAL_REVERSAL')} <> CASE WHEN o.status IN ('FAILED', 'RETURNED') THEN o.amount + o.fee ELSE 0 END`,
  },
  {
    name: 'every top-up from a bank account is booked as far as its bank order says',
    sql: `SELECT format('top-up %s is %s: credited %s, taken back %s, owed %s', o.id, o.status, t.amount, ${booked('TOP_UP_RETURN')},
        ${booked('BANK_RECEIVABLE')}) AS breach
      FROM bank_order o LEFT JOIN ledger_tx t ON t.id = o.id
      WHERE o.direction = 'DEBIT' AND ((t.id IS NOT NULL) <> (o.status IN ('SETTLED', 'RETURNED')) OR t.amount <> o.amount
        OR t."walletId" <> o."walletId" OR ${booked('BANK_RECEIVABLE')} <> o.owed
        OR ${booked('TOP_UP_RETURN')} <> CASE o.status WHEN 'RETURNED' THEN o.amount - o.owed ELSE 0 END)`,
  },
];
