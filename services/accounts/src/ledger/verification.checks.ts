import { APPROVAL_CHECKS } from '../approvals/approval.checks';
import { BREAK_CHECKS } from '../breaks/break.checks';
import { BANK_CHECKS } from '../bank-orders/bank-order.checks';
import { CHARGE_BACK_CHECKS } from '../charge-backs/charge-back.checks';
import { MERCHANT_WRITE_OFF_CHECKS } from '../settlements/merchant-write-off.checks';
import { SETTLEMENT_CHECKS } from '../settlements/settlement.checks';
import { WALLET_FREEZE_CHECKS } from '../wallets/wallet-freeze.checks';

/** One rule of the books, as a query that gives a line for each breach of it. */
export interface BooksCheck {
  readonly name: string;
  readonly sql: string;
}

const LEGS = `SELECT "txId", "creditAccountId" AS "accountId", amount AS credit, 0::bigint AS debit FROM posting
  UNION ALL SELECT "txId", "debitAccountId", 0, amount FROM posting`;

const LEDGER: readonly BooksCheck[] = [
  {
    name: 'the accounts of each currency sum to zero',
    sql: `WITH unfolded AS (SELECT "accountId", sum(credits - debits) AS amount FROM pending_delta GROUP BY "accountId")
      SELECT format('%s: %s', a.asset, sum(a."creditsPosted" - a."debitsPosted" + coalesce(u.amount, 0))) AS breach
      FROM account a LEFT JOIN unfolded u ON u."accountId" = a.id
      GROUP BY a.asset HAVING sum(a."creditsPosted" - a."debitsPosted" + coalesce(u.amount, 0)) <> 0`,
  },
  {
    name: 'every balance equals its postings',
    sql: `WITH moved AS (SELECT "accountId", sum(debit) AS debits, sum(credit) AS credits FROM (${LEGS}) l GROUP BY "accountId"),
      unfolded AS (SELECT "accountId", sum(debits) AS debits, sum(credits) AS credits FROM pending_delta GROUP BY "accountId")
      SELECT format('account %s stands at %s debits and %s credits, its postings at %s and %s', a.id,
        a."debitsPosted" + coalesce(u.debits, 0), a."creditsPosted" + coalesce(u.credits, 0), coalesce(m.debits, 0),
        coalesce(m.credits, 0)) AS breach
      FROM account a LEFT JOIN moved m ON m."accountId" = a.id LEFT JOIN unfolded u ON u."accountId" = a.id
      WHERE a."debitsPosted" + coalesce(u.debits, 0) <> coalesce(m.debits, 0)
        OR a."creditsPosted" + coalesce(u.credits, 0) <> coalesce(m.credits, 0)`,
  },
  {
    name: 'every account has its entries without a gap, up to its version and balance',
    sql: `WITH lines AS (SELECT "accountId", count(*) AS rows, min("accountVersion") AS first, max("accountVersion") AS last,
        sum(amount) AS amount FROM entry GROUP BY "accountId")
      SELECT format('account %s is at version %s and balance %s, its %s entries run from %s to %s and sum to %s', a.id, a.version,
        a."creditsPosted" - a."debitsPosted", coalesce(l.rows, 0), l.first, l.last, l.amount) AS breach
      FROM account a FULL JOIN lines l ON l."accountId" = a.id
      WHERE a.id IS NULL OR a.version <> coalesce(l.rows, 0) OR a.version <> coalesce(l.last, 0)
        OR (l.rows > 0 AND l.first <> 1) OR a."creditsPosted" - a."debitsPosted" <> coalesce(l.amount, 0)`,
  },
  {
    name: 'every entry shows the balance right after it',
    sql: `SELECT format('entry %s of account %s: %s after %s is not %s', q."accountVersion", q."accountId", q.amount, q.before,
        q."postedAfter") AS breach
      FROM (SELECT *, lag("postedAfter", 1, 0::bigint) OVER (PARTITION BY "accountId" ORDER BY "accountVersion") AS before
            FROM entry) q
      WHERE q."postedAfter" <> q.before + q.amount OR q."availableAfter" > q."postedAfter"`,
  },
  {
    name: 'every transaction moves on each account what its postings say, once',
    sql: `WITH moved AS (SELECT "txId", "accountId", sum(credit - debit) AS amount FROM (${LEGS}) l GROUP BY "txId", "accountId"),
      kept AS (SELECT "txId", "accountId", amount FROM entry
        UNION ALL SELECT "txId", "accountId", credits - debits FROM pending_delta),
      written AS (SELECT "txId", "accountId", sum(amount) AS amount, count(*) AS rows FROM kept GROUP BY "txId", "accountId")
      SELECT format('transaction %s, account %s: posted %s, written %s in %s rows', coalesce(m."txId", w."txId"),
        coalesce(m."accountId", w."accountId"), m.amount, w.amount, w.rows) AS breach
      FROM moved m FULL JOIN written w ON w."txId" = m."txId" AND w."accountId" = m."accountId"
      WHERE m.amount IS DISTINCT FROM w.amount OR w.rows <> 1`,
  },
  {
    name: 'every transaction moves its wallets by its amount and fee',
    sql: `SELECT format('%s %s: amount %s, fee %s, wallet %s, other wallet %s', t.kind, t.id, t.amount, t.fee, e.amount, c.amount) AS breach
      FROM ledger_tx t LEFT JOIN entry e ON e."txId" = t.id AND e."accountId" = t."walletId"
      LEFT JOIN entry c ON c."txId" = t.id AND c."accountId" = t."counterWalletId"
      WHERE e.amount IS DISTINCT FROM (CASE WHEN t.kind = 'MERCHANT_SETTLEMENT' THEN e.amount
          WHEN t.kind IN ('PAYMENT', 'TRANSFER', 'WITHDRAWAL', 'REWARD_REVERSAL', 'TOP_UP_RETURN', 'HISTORY_DEBIT', 'ADJUSTMENT_DEBIT', 'PAYOUT',
            'DEBT_COLLECTION')
          THEN -t.amount - t.fee WHEN t.kind IN ('BANK_SETTLEMENT', 'BANK_RECEIVABLE', 'BREAK_WRITE_OFF', 'DEBT_WRITE_OFF',
            'CARD_RECEIVABLE', 'MERCHANT_WRITE_OFF') THEN NULL ELSE t.amount END)
        OR (t.kind = 'TRANSFER' AND c.amount IS DISTINCT FROM t.amount)`,
  },
  {
    name: 'no delta waits for the folder longer than five minutes',
    sql: `SELECT format('account %s: %s deltas, the oldest of %s', "accountId", count(*), min("recordedAt")) AS breach
      FROM pending_delta GROUP BY "accountId" HAVING min("recordedAt") < clock_timestamp() - interval '5 minutes'`,
  },
  {
    name: 'no wallet is below its floor',
    sql: `SELECT format('account %s: available %s, floor %s', id, "creditsPosted" - "debitsPosted" - "debitsPending", "minAvailable") AS breach
      FROM account WHERE "creditsPosted" - "debitsPosted" - "debitsPending" < "minAvailable"`,
  },
];

const RULES: readonly BooksCheck[] = [
  {
    name: 'every refund guard equals its refunds and never exceeds its payment',
    sql: `WITH refunds AS (SELECT "parentId", sum(amount) AS amount, count(*) AS rows FROM ledger_tx WHERE kind = 'REFUND' GROUP BY "parentId")
      SELECT format('payment %s: guard says %s of %s in %s, refunds are %s in %s', coalesce(g."paymentId", r."parentId"), g.refunded,
        g.amount, g.refunds, r.amount, r.rows) AS breach
      FROM refund_guard g FULL JOIN refunds r ON r."parentId" = g."paymentId" LEFT JOIN ledger_tx t ON t.id = g."paymentId"
      WHERE g.refunded IS DISTINCT FROM coalesce(r.amount, 0) OR g.refunds IS DISTINCT FROM coalesce(r.rows, 0)
        OR g.refunded > g.amount OR g.amount <> t.amount OR t.kind <> 'PAYMENT'`,
  },
  {
    name: 'every waiver budget and use equals what was waived and rebated',
    sql: `WITH given AS (SELECT "campaignId", "personId", sum(CASE kind WHEN 'PAYMENT' THEN "feeWaived" ELSE amount END) AS amount,
        count(*) AS rows FROM ledger_tx
        WHERE (kind = 'PAYMENT' AND "feeWaived" > 0) OR kind = 'FEE_REBATE' GROUP BY "campaignId", "personId")
      SELECT format('person %s, campaign %s: %s in %s uses counted, %s in %s given', coalesce(u."personId", g."personId"),
        coalesce(u."campaignId", g."campaignId"), u.waived, u.uses, g.amount, g.rows) AS breach
      FROM fee_waiver_use u FULL JOIN given g ON g."personId" = u."personId" AND g."campaignId" = u."campaignId"
      WHERE u.waived IS DISTINCT FROM g.amount OR u.uses IS DISTINCT FROM g.rows
      UNION ALL
      SELECT format('campaign %s: %s of %s spent, %s given', b."campaignId", b.spent, b.budget, coalesce(g.amount, 0))
      FROM fee_waiver_budget b LEFT JOIN (SELECT "campaignId", sum(amount) AS amount FROM given GROUP BY "campaignId") g
        ON g."campaignId" = b."campaignId"
      WHERE b.spent <> coalesce(g.amount, 0) OR b.spent > b.budget`,
  },
  {
    name: 'every limit counter equals the movements of its day',
    sql: `WITH counted AS (SELECT c."personId", c."limitId", c."windowStart", c.used, c.cap, d.measure,
        sum(CASE d.measure WHEN 'COUNT' THEN 1 ELSE t.amount END) AS moved
        FROM limit_counter c JOIN limit_definition d ON d.id = c."limitId" AND d.version = 1
        LEFT JOIN ledger_tx t ON t."personId" = c."personId" AND t.kind = ANY (d.kinds)
          AND (d.currency IS NULL OR d.currency = t.currency) AND (t."recordedAt" AT TIME ZONE 'UTC')::date = c."windowStart"
        WHERE d.kinds <> '{CASHIER_REFUND_DAY}' GROUP BY c."personId", c."limitId", c."windowStart", c.used, c.cap, d.measure)
      SELECT format('person %s, %s on %s: %s counted, %s moved, cap %s', "personId", "limitId", "windowStart", used, moved, cap) AS breach
      FROM counted WHERE used <> coalesce(moved, 0) OR used > cap`,
  },
  {
    // Whose refund one is, its key says. Those that somebody gave as more than a cashier on the same day do not count, and a day's last one may be booked a moment after it.
    name: 'what is counted of a cashier\'s day was given back by them, and is within their limit',
    sql: `WITH counted AS (SELECT c."personId", c."limitId", c."windowStart", c.used, c.cap, sum(t.amount) AS moved
        FROM limit_counter c JOIN limit_definition d ON d.id = c."limitId" AND d.version = 1 AND d.kinds = '{CASHIER_REFUND_DAY}'
        LEFT JOIN idempotency i ON i.scope = c."personId" AND i.mutation = 'refundPayment'
        LEFT JOIN ledger_tx t ON t.id = i."transactionId" AND t.kind = 'REFUND' AND t.currency = d.currency
          AND t."recordedAt" AT TIME ZONE 'UTC' >= c."windowStart" AND t."recordedAt" AT TIME ZONE 'UTC' < c."windowStart" + interval '1 day 1 minute'
        GROUP BY c."personId", c."limitId", c."windowStart", c.used, c.cap)
      SELECT format('person %s, %s on %s: %s counted, %s given back, cap %s', "personId", "limitId", "windowStart", used, moved, cap) AS breach
      FROM counted WHERE used > coalesce(moved, 0) OR used > cap`,
  },
  {
    name: 'every person\'s count of payments is right',
    sql: `WITH paid AS (SELECT "personId", count(*) AS rows FROM ledger_tx WHERE kind = 'PAYMENT' GROUP BY "personId")
      SELECT format('person %s: %s counted, %s made', coalesce(c."personId", p."personId"), c.payments, coalesce(p.rows, 0)) AS breach
      FROM person_counter c FULL JOIN paid p ON p."personId" = c."personId"
      WHERE c.payments IS DISTINCT FROM coalesce(p.rows, 0)`,
  },
  {
    name: 'every posted grant stands in the books, and no reward without one',
    sql: `SELECT format('grant %s of %s: transaction %s of %s', coalesce(g."grantId"::text, t."externalRef"), g.amount, t.id, t.amount) AS breach
      FROM (SELECT * FROM reward_grant WHERE status = 'POSTED') g
      FULL JOIN (SELECT * FROM ledger_tx WHERE kind IN ('CASHBACK', 'REFERRAL_REWARD', 'FEE_REBATE')) t ON t.id = g."transactionId"
      WHERE g."grantId" IS NULL OR t.id IS NULL OR t.kind <> g.kind OR t."personId" <> g."personId" OR t.currency <> g.currency
        OR (t.amount <> g.amount AND NOT (t.kind = 'FEE_REBATE' AND t.amount < g.amount))`,
  },
  {
    name: 'every reversal took what it says, and every debt is what is owed less what was kept back',
    sql: `SELECT format('reversal %s: %s taken, %s booked', r."reversalId", r.taken, coalesce(t.amount, 0)) AS breach
      FROM reward_reversal r LEFT JOIN ledger_tx t ON t."externalRef" = 'reversal:' || r."reversalId"
      WHERE r.taken <> coalesce(t.amount, 0)
      UNION ALL
      SELECT format('person %s: %s %s owed, %s by the reversals', coalesce(d."personId", o."personId"), d.owed,
        coalesce(d.currency, o.currency), o.owed)
      FROM reward_debt d FULL JOIN (
        SELECT "personId", currency, sum(owed) AS owed FROM (
          SELECT g."personId", g.currency, r.owed FROM reward_reversal r JOIN reward_grant g ON g."grantId" = r."grantId" WHERE r.owed > 0
          UNION ALL SELECT "personId", currency, -amount FROM ledger_tx WHERE "externalRef" LIKE 'debt:%') x
        GROUP BY "personId", currency) o ON o."personId" = d."personId" AND o.currency = d.currency
      WHERE d.owed IS DISTINCT FROM o.owed`,
  },
  {
    name: 'every idempotency key that was answered with a transaction has one, and every settled top-up is booked',
    sql: `SELECT format('key of %s: no transaction %s', i.scope, i."transactionId") AS breach FROM idempotency i
      WHERE i."transactionId" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ledger_tx t WHERE t.id = i."transactionId")
        AND NOT EXISTS (SELECT 1 FROM top_up u WHERE u.id = i."transactionId")
        AND NOT EXISTS (SELECT 1 FROM bank_order o WHERE o.id = i."transactionId")
        AND NOT EXISTS (SELECT 1 FROM payout_account p WHERE p.id = i."transactionId")
        AND NOT EXISTS (SELECT 1 FROM limit_definition l WHERE l."changeId" = i."transactionId" AND i.mutation = 'setLimit')
        AND NOT EXISTS (SELECT 1 FROM fee_schedule f WHERE f."changeId" = i."transactionId" AND i.mutation = 'setFeeSchedule')
        AND NOT EXISTS (SELECT 1 FROM consent_order c WHERE c.id = i."transactionId" AND i.mutation = 'endConsents')
      UNION ALL
      SELECT format('top-up %s is %s, in the books: %s', coalesce(u.id, t.id), u.status, t.id IS NOT NULL)
      FROM top_up u FULL JOIN (SELECT id, amount, "walletId" FROM ledger_tx l WHERE kind = 'TOP_UP'
        AND NOT EXISTS (SELECT 1 FROM bank_order o WHERE o.id = l.id)) t ON t.id = u.id
      WHERE (u.status = 'SETTLED') IS DISTINCT FROM (t.id IS NOT NULL) OR u.amount <> t.amount OR u."walletId" <> t."walletId"`,
  },
];

/** Every rule that the books must keep. */
export const BOOKS_CHECKS: readonly BooksCheck[] = [
  ...LEDGER, ...RULES, ...BANK_CHECKS, ...CHARGE_BACK_CHECKS, ...APPROVAL_CHECKS, ...BREAK_CHECKS, ...SETTLEMENT_CHECKS,
  ...MERCHANT_WRITE_OFF_CHECKS, ...WALLET_FREEZE_CHECKS,
];
