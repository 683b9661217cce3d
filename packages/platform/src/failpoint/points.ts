/**
 * Every named point of the code at which a fault can be provoked, and the services that pass it. The fault suite stops a
 * process at each: a point that no process reaches fails it, and so does one in the code that is not listed here.
 */
export const FAILPOINTS = {
  // Of a mutation with an idempotency key: its record and its effect are written, and then they are committed. Of payments in a batch:
  // their keys are taken and they are decided; their effect goes out in one message with the commit, and no process can stop between.
  'payMerchant.before-commit': ['accounts'],
  'payMerchant.after-commit': ['accounts'],
  'sendMoney.before-commit': ['accounts'],
  'sendMoney.after-commit': ['accounts'],
  'refundPayment.before-commit': ['accounts'],
  'refundPayment.after-commit': ['accounts'],
  'setPayoutAccount.before-commit': ['accounts'],
  'setPayoutAccount.after-commit': ['accounts'],
  'setLimit.before-commit': ['accounts'],
  'setLimit.after-commit': ['accounts'],
  'setFeeSchedule.before-commit': ['accounts'],
  'setFeeSchedule.after-commit': ['accounts'],
  'endConsents.before-commit': ['accounts'],
  'endConsents.after-commit': ['accounts'],
  // Of a top-up, the commits of its PENDING row.
  'topUp.before-commit': ['accounts'],
  'topUp.after-commit': ['accounts'],
  // Between the PENDING row, the order to the card processor, its answer, and the booking of it.
  'top-up.before-charge': ['accounts'],
  'top-up.charged': ['accounts'],
  'top-up.booked': ['accounts'],
  // Of a notice of the card processor: it is kept and not answered yet, a worker has it in hand, what came of it is written.
  'charge-notice.kept': ['accounts'],
  'charge-notice.claimed': ['accounts'],
  'charge-notice.ended': ['accounts'],
  // Of a withdrawal, the commits of its PENDING order and of what leaves the wallet.
  'withdraw.before-commit': ['accounts'],
  'withdraw.after-commit': ['accounts'],
  // Of an order to the bank, be it of a withdrawal or a top-up: it is about to go out, it was sent, its end is booked; and a
  // line of the bank's statement is booked, whatever it is of.
  'withdrawal.before-submit': ['accounts'],
  'withdrawal.submitted': ['accounts'],
  'withdrawal.booked': ['accounts'],
  'withdrawal.line-booked': ['accounts'],
  // Of a merchant's batch that is closed by itself, its one transaction.
  'settlement.before-commit': ['accounts'],
  'settlement.after-commit': ['accounts'],
  // Of a payout, the commits of its order and of what leaves the payable; then of the order what withdrawals have, too.
  'payout.before-commit': ['accounts'],
  'payout.after-commit': ['accounts'],
  'payout.before-submit': ['accounts'],
  'payout.submitted': ['accounts'],
  'payout.booked': ['accounts'],
  // Of a dispute that nobody answered in time, its decision with the refund.
  'dispute.before-commit': ['accounts'],
  'dispute.after-commit': ['accounts'],
  // Of an order to end all consents of a bank, the transaction of a piece of it.
  'consent-order.before-commit': ['accounts'],
  'consent-order.after-commit': ['accounts'],
  // Of the outbox: a batch is read, it is published, the cursor is moved over it.
  'relay.read': ['accounts', 'merchants', 'rewards', 'notifications'],
  'relay.published': ['accounts', 'merchants', 'rewards', 'notifications'],
  'relay.marked': ['accounts', 'merchants', 'rewards', 'notifications'],
  // Of a consumer: effects and inbox rows are written, they are committed, the offset is not.
  'consumer.before-commit': ['accounts', 'merchants', 'rewards', 'notifications'],
  'consumer.after-commit': ['accounts', 'merchants', 'rewards', 'notifications'],
  // Of a message on its way out: its delivery is claimed, its channel has taken it, the outcome is not kept.
  'delivery.claimed': ['notifications'],
  'delivery.sent': ['notifications'],
  // Of a webhook: its lane is claimed, its receiver has answered, the outcome is not kept.
  'webhook.claimed': ['merchants'],
  'webhook.sent': ['merchants'],
} as const satisfies Record<string, readonly string[]>;

export type FailpointName = keyof typeof FAILPOINTS;

/** What happens to the process: it exits by itself, is killed as by `kill -9`, or is stopped until a SIGCONT. */
export const FAILPOINT_ACTIONS = ['exit', 'kill', 'pause'] as const;

export interface ArmedFailpoint {
  readonly name: FailpointName;
  readonly action: (typeof FAILPOINT_ACTIONS)[number];
  /** At which pass it happens, from 1. */
  readonly nth: number;
}

/**
 * Reads `name:action[:nth]`.
 * @throws Error that says what is wrong with it
 */
export function parseFailpoint(text: string): ArmedFailpoint {
  const [name = '', action = '', nth = '1', ...rest] = text.trim().split(':');
  if (!Object.hasOwn(FAILPOINTS, name)) throw new Error(`there is no failpoint ${name}`);
  const actions: readonly string[] = FAILPOINT_ACTIONS;
  if (!actions.includes(action)) throw new Error(`a failpoint does ${FAILPOINT_ACTIONS.join(', ')}, and not "${action}"`);
  if (!/^[1-9]\d{0,8}$/.test(nth) || rest.length > 0) throw new Error('a failpoint is written name:action or name:action:nth');
  return { name: name as FailpointName, action: action as ArmedFailpoint['action'], nth: Number(nth) };
}
