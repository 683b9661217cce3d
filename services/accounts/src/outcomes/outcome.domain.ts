/** The codes of refusals that rules of accounts give; the API's UserErrorCode is a superset. */
export type RefusalCode =
  | 'INVALID_INPUT' | 'NOT_FOUND' | 'NOT_ALLOWED' | 'EMAIL_TAKEN' | 'WRONG_CREDENTIALS' | 'SESSION_EXPIRED'
  | 'INSUFFICIENT_FUNDS' | 'CURRENCY_MISMATCH' | 'LIMIT_EXCEEDED' | 'IDEMPOTENCY_KEY_REUSED' | 'CARD_DECLINED'
  | 'MERCHANT_NOT_ACTIVE' | 'REFUND_EXCEEDS_PAYMENT' | 'ALREADY_EXISTS' | 'WRONG_CODE' | 'STEP_UP_REQUIRED' | 'WALLET_FROZEN';

/** An expected refusal. `reason` narrows the text that a person reads; `field` is the path of the input at fault. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly reason?: string;
  readonly field?: readonly string[];
  /** Sums that the text names, as the API writes them. */
  readonly amounts?: readonly { readonly amount: string; readonly currency: string }[];
}

export type Refused = { readonly ok: false; readonly refusals: readonly Refusal[] };

/** What a rule or a service answers: what it did, or why it refused. */
export type Outcome<Done extends object> = ({ readonly ok: true } & Done) | Refused;

/** Makes a refusal of one cause. */
export function refuse(code: RefusalCode, field?: readonly string[], reason?: string): Refused {
  return { ok: false, refusals: [{ code, ...(reason ? { reason } : {}), ...(field ? { field } : {}) }] };
}
