import { noOrderRuns } from './consent-order.sql';

/**
 * The consent by which a bank asks: its id $1, the bank $2, the scope $3, now $4. Everything that is read for it joins this, so
 * that a consent which was withdrawn a moment ago, is over, is another bank's, or is one of a bank whose consents are all being ended finds nothing. So does
 * one whose client may not read that any more: the person's yes stands, and is of what the client may now alone.
 */
const STANDING = `SELECT c.id, c."partnerId", c."personId", c."walletIds", c."expiresAt", s.subject,
    ARRAY(SELECT given FROM unnest(c.scopes) AS given WHERE given = ANY (client.scopes)) AS scopes
  FROM consent c
  JOIN partner_copy p ON p."partnerId" = c."partnerId" AND p.status = 'ACTIVE'
  JOIN partner_client_copy client ON client."clientId" = c."clientId" AND client.status = 'ACTIVE' AND $3 = ANY (client.scopes)
  JOIN partner_subject s ON s."partnerId" = c."partnerId" AND s."personId" = c."personId"
  WHERE c.id = $1 AND c."partnerId" = $2 AND $3 = ANY (c.scopes) AND c."withdrawnAt" IS NULL AND c."expiresAt" > $4 AND ${noOrderRuns('c')}`;

/** The wallets of a consent that are still the person's, with what the books say of them. */
const WALLETS = `SELECT w.id, w.currency, k.subject, a."creditsPosted" - a."debitsPosted" AS posted,
    a."creditsPosted" - a."debitsPosted" - a."debitsPending" AS available
  FROM k JOIN wallet w ON w."personId" = k."personId" AND w.id = ANY (k."walletIds") JOIN account a ON a.id = w.id`;

export const CUSTOMER = `/* customers.standing */ WITH k AS (${STANDING}) SELECT subject, "personId", scopes, "expiresAt" FROM k`;

export const CUSTOMER_WALLETS = `/* customers.wallets */ WITH k AS (${STANDING}) ${WALLETS} ORDER BY w.id`;

/**
 * The entries of a wallet ($5), newest first, before a version ($6). What gives money back stands under the kind of what it undoes,
 * as in statements.
 */
export const CUSTOMER_ENTRIES = `/* customers.entries */ WITH k AS (${STANDING})
  SELECT e."accountVersion" AS version, e."txId" AS "transactionId", e.amount, e."postedAfter" AS "balanceAfter", e."recordedAt" AS "bookedAt",
    CASE WHEN t.kind = 'WITHDRAWAL_REVERSAL' THEN 'WITHDRAWAL' WHEN t.kind IN ('TOP_UP_RETURN', 'DEBT_COLLECTION') THEN 'TOP_UP' ELSE t.kind END AS kind, k.subject
  FROM k JOIN wallet w ON w."personId" = k."personId" AND w.id = ANY (k."walletIds") AND w.id = $5
  JOIN entry e ON e."accountId" = w.id AND e."accountVersion" < $6 JOIN ledger_tx t ON t.id = e."txId"
  ORDER BY e."accountVersion" DESC LIMIT $7`;
