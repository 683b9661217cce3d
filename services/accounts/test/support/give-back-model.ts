/** A dispute as far as the rules of giving back know it. */
export interface ModelDispute {
  status: 'OPEN' | 'CONTESTED' | 'ACCEPTED' | 'DECIDED' | 'WITHDRAWN';
  readonly amount: bigint;
  readonly refundedBefore: bigint;
  /** What an operator decided; undefined where another ended it. */
  decision?: 'PERSON' | 'MERCHANT';
}

export interface ModelPayment {
  readonly amount: bigint;
  refunded: bigint;
  /** The newest last; the ones before it were withdrawn. */
  disputes: ModelDispute[];
}

/** Somebody's wallet, what they paid from it, and what their card took back: written from the rules alone, none of the service's code in it. */
export interface Model {
  balance: bigint;
  owed: bigint;
  payments: ModelPayment[];
  /** Top-ups that the card has not taken back yet. */
  cards: bigint[];
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const waits = (dispute: ModelDispute | undefined): dispute is ModelDispute => dispute?.status === 'OPEN' || dispute?.status === 'CONTESTED';
const newest = ({ disputes }: ModelPayment): ModelDispute | undefined => disputes.at(-1);
const left = ({ amount, refunded }: ModelPayment): bigint => amount - refunded;

/** What who wins has yet to get: what was disputed less what came back since, and never more than is left of the payment. */
function won(payment: ModelPayment, dispute: ModelDispute): bigint {
  const open = least(dispute.amount - (payment.refunded - dispute.refundedBefore), left(payment));
  return open > 0n ? open : 0n;
}

function giveBack(model: Model, payment: ModelPayment, amount: bigint): void {
  payment.refunded += amount;
  model.balance += amount;
}

/** 1 %, half-even, at least 0.10 and at most 5.00 USD. */
export function feeOf(amount: bigint): bigint {
  const [whole, rest] = [amount / 100n, amount % 100n];
  const rounded = rest > 50n || (rest === 50n && whole % 2n === 1n) ? whole + 1n : whole;
  return rounded < 10n ? 10n : least(rounded, 500n);
}

/** What each step answers, and what it changes. */
export const rules = {
  pay(model: Model, amount: bigint): string {
    const total = amount + feeOf(amount);
    if (total > model.balance) return 'INSUFFICIENT_FUNDS';
    model.balance -= total;
    model.payments.push({ amount, refunded: 0n, disputes: [] });
    return 'OK';
  },
  refund(model: Model, payment: ModelPayment, asked: bigint | undefined): string {
    const amount = asked ?? left(payment);
    if (amount === 0n || amount > left(payment)) return 'REFUND_EXCEEDS_PAYMENT';
    giveBack(model, payment, amount);
    const dispute = newest(payment);
    // With all that was disputed back there is nothing left to decide.
    if (waits(dispute) && won(payment, dispute) === 0n) dispute.status = 'ACCEPTED';
    return 'OK';
  },
  open(payment: ModelPayment, asked: bigint | undefined): string {
    const present = newest(payment);
    if (present && present.status !== 'WITHDRAWN') return asked === undefined || asked === present.amount ? 'OK' : 'ALREADY_EXISTS';
    if (payment.disputes.length >= 3) return 'LIMIT_EXCEEDED';
    const amount = asked ?? left(payment);
    if (left(payment) === 0n || amount > left(payment)) return 'REFUND_EXCEEDS_PAYMENT';
    payment.disputes.push({ status: 'OPEN', amount, refundedBefore: payment.refunded });
    return 'OK';
  },
  withdraw(payment: ModelPayment): string {
    const dispute = newest(payment)!;
    if (dispute.status === 'WITHDRAWN') return 'OK';
    if (!waits(dispute)) return 'NOT_ALLOWED';
    dispute.status = 'WITHDRAWN';
    return 'OK';
  },
  contest(payment: ModelPayment): string {
    const dispute = newest(payment)!;
    if (!waits(dispute)) return 'NOT_ALLOWED';
    dispute.status = 'CONTESTED';
    return 'OK';
  },
  accept(model: Model, payment: ModelPayment): string {
    const dispute = newest(payment)!;
    if (dispute.status === 'ACCEPTED') return 'OK';
    if (!waits(dispute)) return 'NOT_ALLOWED';
    dispute.status = 'ACCEPTED';
    giveBack(model, payment, won(payment, dispute));
    return 'OK';
  },
  decide(model: Model, payment: ModelPayment, decision: 'PERSON' | 'MERCHANT'): string {
    const dispute = newest(payment)!;
    if (dispute.status === 'DECIDED') return dispute.decision === decision ? 'OK' : 'NOT_ALLOWED';
    if (dispute.status !== 'CONTESTED') return 'NOT_ALLOWED';
    Object.assign(dispute, { status: 'DECIDED', decision });
    if (decision === 'PERSON') giveBack(model, payment, won(payment, dispute));
    return 'OK';
  },
  expire(model: Model, payment: ModelPayment): void {
    const dispute = newest(payment)!;
    if (dispute.status !== 'OPEN') return;
    dispute.status = 'DECIDED';
    giveBack(model, payment, won(payment, dispute));
  },
  chargeBack(model: Model): void {
    const amount = model.cards.shift()!;
    const taken = least(amount, model.balance);
    model.balance -= taken;
    model.owed += amount - taken;
  },
};
