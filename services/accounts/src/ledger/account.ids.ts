import { createHash } from 'node:crypto';
import type { CurrencyCode } from '@tael/money';
import type { AccountPurpose } from './account.domain';

// The id of a system account follows from its name, so that nobody has to look it up: the first 128 bits of the name's
// SHA-256 in a UUID's shape (version 8). The migration computes the same.
export function named(name: string): string {
  const id = ids.get(name) ?? idOf(name);
  // A payment asks for the accounts of its merchant and of the fees three times.
  if (ids.size >= KNOWN_MAX) ids.clear();
  ids.set(name, id);
  return id;
}

const KNOWN_MAX = 10_000;
const ids = new Map<string, string>();

function idOf(name: string): string {
  const bytes = createHash('sha256').update(`tael/ledger/${name}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Gives the id of the one account of a purpose in a currency. */
export function systemAccountId(purpose: Exclude<AccountPurpose, 'WALLET' | 'PARTNER_ACCOUNT' | 'PARTNER_CLEARING' | MerchantPurpose>, currency: CurrencyCode): string {
  return named(`${purpose}/${currency}`);
}

/** Accounts of which each merchant has one a currency. */
export type MerchantPurpose = 'MERCHANT_INFLOW' | 'MERCHANT_PAYABLE' | 'MERCHANT_RESERVE' | 'MERCHANT_RECEIVABLE';

/** Gives the id of an account of a merchant in a currency. */
export function merchantAccountId(purpose: MerchantPurpose, merchantId: string, currency: CurrencyCode): string {
  return named(`${purpose}/${merchantId.toLowerCase()}/${currency}`);
}

/** Gives the id of the account that takes what is paid to a merchant in a currency. */
export function merchantInflowId(merchantId: string, currency: CurrencyCode): string {
  return merchantAccountId('MERCHANT_INFLOW', merchantId, currency);
}

/** Gives the id of the account against which a bank's own accounts were brought in. */
export function partnerClearingId(partnerId: string, currency: CurrencyCode): string {
  return named(`PARTNER_CLEARING/${partnerId.toLowerCase()}/${currency}`);
}
