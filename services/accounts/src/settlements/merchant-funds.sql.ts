import type { CurrencyCode } from '@tael/money';
import { merchantAccountId } from '../ledger/account.ids';

const PURPOSES = ['MERCHANT_INFLOW', 'MERCHANT_PAYABLE', 'MERCHANT_RESERVE', 'MERCHANT_RECEIVABLE'] as const;

/** Gives the accounts of a merchant in a currency. */
export const merchantAccountIds = (merchantId: string, currency: CurrencyCode): string[] => PURPOSES.map((purpose) => merchantAccountId(purpose, merchantId, currency));

/**
 * What Tael holds of a merchant whose accounts are $1: unsettled, payable and held back, less what it owes. Exact under the lock of its cursor, but for what
 * is paid meanwhile.
 */
export const MERCHANT_FUNDS =
  `((SELECT coalesce(sum("creditsPosted" - "debitsPosted"), 0) FROM account WHERE id = ANY ($1::uuid[]))::bigint
       + (SELECT coalesce(sum(credits - debits), 0) FROM pending_delta WHERE "accountId" = ANY ($1::uuid[]))::bigint)`;
