import type { BooksCheck } from '../ledger/verification.checks';

/** What the books prove of freezes: by the order of an account's entries, which no clock can change. */
export const WALLET_FREEZE_CHECKS: readonly BooksCheck[] = [
  {
    name: 'nothing has left a wallet at its person\'s wish while it was frozen',
    sql: `SELECT format('%s %s left wallet %s as entry %s, within the freeze %s', t.kind, t.id, f."walletId", e."accountVersion", f.id) AS breach
      FROM wallet_freeze f JOIN entry e ON e."accountId" = f."walletId" AND e."accountVersion" > f."frozenVersion"
        AND (f."liftedVersion" IS NULL OR e."accountVersion" <= f."liftedVersion")
      JOIN ledger_tx t ON t.id = e."txId" AND t."walletId" = f."walletId"
      WHERE e.amount < 0 AND t.kind IN ('PAYMENT', 'TRANSFER', 'WITHDRAWAL')`,
  },
  {
    name: 'an account is frozen exactly where a freeze of it stands',
    sql: `SELECT format('account %s is frozen since %s, its freeze %s stands since %s', coalesce(a.id, f."walletId"), a."frozenAt", f.id, f."frozenAt") AS breach
      FROM (SELECT * FROM account WHERE "frozenAt" IS NOT NULL) a
      FULL JOIN (SELECT * FROM wallet_freeze WHERE "liftedAt" IS NULL) f ON f."walletId" = a.id
      WHERE a."frozenAt" IS DISTINCT FROM f."frozenAt"`,
  },
];
