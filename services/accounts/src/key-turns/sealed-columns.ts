import type { SealedColumn } from '@tael/platform/reseal';

/** Every column of accounts in which something stands sealed under SEAL_KEYS. */
export const SEALED_BY_SEAL_KEYS = [
  { table: 'person', column: 'email', key: 'id', owner: 'id' },
  { table: 'person', column: 'displayName', key: 'id', owner: 'id' },
  { table: 'session', column: 'network', key: 'id', owner: 'personId' },
  { table: 'device', column: 'key', key: 'id', owner: 'id' },
  { table: 'totp_factor', column: 'secret', key: 'personId', owner: 'personId' },
  { table: 'recovery_code', column: 'codeKey', key: 'personId', owner: 'personId' },
  { table: 'payment_method', column: 'token', key: 'id', owner: 'id' },
  { table: 'payout_account', column: 'token', key: 'id', owner: 'id' },
  { table: 'partner_account', column: 'number', key: 'id', owner: 'id' },
  { table: 'history_line', column: 'details', key: 'id', owner: 'accountId' },
  { table: 'dispute', column: 'description', key: 'id', owner: 'id' },
  { table: 'dispute', column: 'evidence', key: 'id', owner: 'id' },
  { table: 'dispute', column: 'decisionReason', key: 'id', owner: 'id' },
  { table: 'dispute_document_chunk', column: 'content', key: 'id', owner: 'documentId', rowsMax: 5 },
  { table: 'partner_copy', column: 'name', key: 'partnerId', owner: 'partnerId' },
  { table: 'ledger_tx', column: 'description', key: 'id', owner: 'id', through: 'ledger_reseal' },
] as const satisfies readonly SealedColumn[];

/** The same for CARD_FINGERPRINT_KEYS. */
export const SEALED_BY_FINGERPRINT_KEYS = [
  { table: 'payment_method', column: 'fingerprintKey', key: 'id', owner: 'id' },
] as const satisfies readonly SealedColumn[];
