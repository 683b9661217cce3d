import { allCurrencies, type CurrencyCode, fractionDigits, type Money } from '@tael/money';

/** What a step-up may be for. Each names what it allows, and allows nothing else. */
export type StepUpAction =
  | { readonly purpose: 'PAY_MERCHANT'; readonly walletId: string; readonly merchantId: string; readonly amount: Money }
  | { readonly purpose: 'SEND_MONEY'; readonly walletId: string; readonly recipientEmail: string; readonly amount: Money }
  | { readonly purpose: 'WITHDRAW'; readonly walletId: string; readonly paymentMethodId: string; readonly amount: Money }
  | { readonly purpose: 'SET_PAYOUT_ACCOUNT'; readonly merchantId: string; readonly iban: string }
  | { readonly purpose: 'RESUME_PAYOUTS'; readonly merchantId: string; readonly payoutId: string }
  | { readonly purpose: 'APPROVE_REQUEST'; readonly approvalId: string; readonly digest: string }
  | { readonly purpose: 'CHANGE_PASSWORD' | 'DISABLE_TOTP' | 'REGENERATE_RECOVERY_CODES' };

export type StepUpPurpose = StepUpAction['purpose'];

/** Long enough to find the telephone, short enough that nobody forgets what it was for. */
export const STEP_UP_MINUTES = 5;

/** What approves one action for one session, as it is kept. */
export interface StepUpRecord {
  readonly personId: string;
  readonly sessionId: string;
  readonly binding: string;
  readonly expiresAt: Date;
  readonly approvedAt: Date | null;
  readonly usedAt: Date | null;
}

/** Writes an action as one text, the same for the same action alone: what a step-up is bound to. */
export function actionText(action: StepUpAction): string {
  switch (action.purpose) {
    case 'PAY_MERCHANT':
      return JSON.stringify([action.purpose, action.walletId, action.merchantId, ...amountOf(action.amount)]);
    case 'SEND_MONEY':
      return JSON.stringify([action.purpose, action.walletId, action.recipientEmail, ...amountOf(action.amount)]);
    case 'WITHDRAW':
      return JSON.stringify([action.purpose, action.walletId, action.paymentMethodId, ...amountOf(action.amount)]);
    case 'SET_PAYOUT_ACCOUNT':
      return JSON.stringify([action.purpose, action.merchantId.toLowerCase(), action.iban.replace(/ /g, '').toUpperCase()]);
    case 'RESUME_PAYOUTS':
      return JSON.stringify([action.purpose, action.merchantId.toLowerCase(), action.payoutId.toLowerCase()]);
    case 'APPROVE_REQUEST':
      return JSON.stringify([action.purpose, action.approvalId, action.digest]);
    default:
      return JSON.stringify([action.purpose]);
  }
}

const amountOf = ({ minor, currency }: Money): string[] => [String(minor), currency];

/** Says whether a step-up allows what is asked for now: approved, not used, in time, for this session and this action. */
export function allows(
  record: StepUpRecord,
  asked: { personId: string; sessionId: string; bindings: readonly string[]; now: Date },
): boolean {
  return (
    record.approvedAt !== null &&
    record.usedAt === null &&
    record.expiresAt > asked.now &&
    record.personId === asked.personId &&
    record.sessionId === asked.sessionId &&
    asked.bindings.includes(record.binding)
  );
}

/** Says whether a payment or transfer is large: above the limit of its currency. A currency without one needs no step-up. */
export function isLarge(amount: Money, limits: ReadonlyMap<string, bigint>): boolean {
  const limit = limits.get(amount.currency);
  return limit !== undefined && amount.minor > limit;
}

/** The limits that Tael starts with: 500.00 of a currency with two digits, as many smallest units where there are none. */
export function seededStepUpLimits(): { currency: CurrencyCode; amount: bigint }[] {
  return allCurrencies().map((currency) => ({ currency, amount: fractionDigits(currency) === 3 ? 500_000n : 50_000n }));
}
