import { balances, booked } from '../bank-orders/bank-order.checks';

/** What the books must keep of top-ups that went back to their cards. */
export const CHARGE_BACK_CHECKS: readonly { readonly name: string; readonly sql: string }[] = [
  {
    name: 'what is receivable of cards is what charge-backs still owe',
    sql: `SELECT format('%s: %s is receivable, %s is owed', r.currency, -r.amount, coalesce(o.owed, 0)) AS breach
      FROM (${balances('CARD_RECEIVABLE')}) r
      LEFT JOIN (SELECT currency, sum(owed - collected - "writtenOff") AS owed FROM top_up GROUP BY currency) o ON o.currency = r.currency
      WHERE -r.amount <> coalesce(o.owed, 0)`,
  },
  {
    name: 'every top-up of a card is taken back as far as its charge-back says',
    sql: `SELECT format('top-up %s went back at %s: taken %s, owed %s of %s', o.id, o."returnedAt", ${booked('TOP_UP_RETURN')}, ${booked('CARD_RECEIVABLE')}, o.owed) AS breach
      FROM top_up o WHERE ${booked('CARD_RECEIVABLE')} <> o.owed
        OR ${booked('TOP_UP_RETURN')} <> CASE WHEN o."returnedAt" IS NULL THEN 0 ELSE o.amount - o.owed END
      UNION ALL
      SELECT format('%s %s is of no top-up of a card', t.kind, t.id) FROM ledger_tx t
      WHERE t.kind = 'CARD_RECEIVABLE' AND NOT EXISTS (SELECT 1 FROM top_up u WHERE u.id = t."parentId")`,
  },
  {
    name: 'what was collected and written off of what charge-backs owe stands in the books, from their own wallets',
    sql: `SELECT format('top-up %s owed %s: collected %s and written off %s, booked %s and %s', o.id, o.owed, o.collected, o."writtenOff", b.collected, b."writtenOff") AS breach
      FROM top_up o LEFT JOIN (SELECT "parentId", coalesce(sum(amount) FILTER (WHERE kind = 'DEBT_COLLECTION'), 0) AS collected,
          coalesce(sum(amount) FILTER (WHERE kind = 'DEBT_WRITE_OFF'), 0) AS "writtenOff",
          bool_and(kind = 'DEBT_WRITE_OFF' OR "walletId" = (SELECT w."walletId" FROM top_up w WHERE w.id = "parentId")) AS own
        FROM ledger_tx WHERE kind IN ('DEBT_COLLECTION', 'DEBT_WRITE_OFF') GROUP BY "parentId") b ON b."parentId" = o.id
      WHERE o.collected <> coalesce(b.collected, 0) OR o."writtenOff" <> coalesce(b."writtenOff", 0) OR NOT coalesce(b.own, true)`,
  },
];
