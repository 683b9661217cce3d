import { onDatabase } from './databases';
import type { StackFile } from './stack.files';

interface Entry {
  readonly key: string;
  /** Who pays: a DEBIT is taken from the person's account, a CREDIT goes to it. */
  readonly direction: string;
  readonly amount: string;
  readonly currency: string;
  readonly status: string;
}

/** What ours has to say of what was done outside, by what the bank or the processor says. */
const BANK: Readonly<Record<string, string>> = { SETTLED: 'SETTLED', RETURNED: 'RETURNED', FAILED: 'FAILED', CANCELLED: 'FAILED' };
const PROCESSOR: Readonly<Record<string, string>> = { succeeded: 'SETTLED', declined: 'FAILED' };

const OURS = {
  bank: `/* faults.orders */ SELECT 'order-' || id AS key, direction, amount::text AS amount, currency, status FROM bank_order`,
  processor: `/* faults.top-ups */ SELECT 'topup-' || id AS key, 'DEBIT' AS direction, amount::text AS amount, currency, status FROM top_up`,
} as const;
const THEIRS = {
  bank: '/* faults.bank */ SELECT idempotency_key AS key, kind AS direction, amount::text AS amount, currency, status FROM bank_order',
  processor: `/* faults.processor */ SELECT idempotency_key AS key, 'DEBIT' AS direction, amount::text AS amount, currency, status FROM charge`,
} as const;

const BOOKED_TWICE = `/* faults.booked-twice */ SELECT idempotency_key AS key FROM bank_booking GROUP BY idempotency_key, kind HAVING count(DISTINCT booking_id) > 1`;

/** Each order to the bank and to the card processor is in our books as it is in theirs, the bank has booked none twice, and neither has an order that we know nothing of. */
export async function outsideBreaches({ databaseUrls: { accounts, sandbox } }: StackFile): Promise<string[]> {
  const entries = (url: string, sql: string): Promise<Entry[]> => onDatabase(url, (client) => client.query<Entry>(sql));
  return [
    ...compared('bank', BANK, await entries(accounts, OURS.bank), await entries(sandbox, THEIRS.bank)),
    ...(await onDatabase(sandbox, (client) => client.query(BOOKED_TWICE))).map(({ key }) => `the bank has booked ${key} twice`),
    ...compared('processor', PROCESSOR, await entries(accounts, OURS.processor), await entries(sandbox, THEIRS.processor)),
  ];
}

/** Compares both sides by key. What they never took has to have failed here. */
function compared(who: string, meaning: Readonly<Record<string, string>>, ours: readonly Entry[], theirs: readonly Entry[]): string[] {
  const told = new Map(theirs.map((entry) => [entry.key, entry]));
  const breaches = ours.flatMap(({ key, direction, status, amount, currency }) => {
    const other = told.get(key);
    told.delete(key);
    if (!other) return status === 'FAILED' ? [] : [`the ${who} knows nothing of ${key}, which is ${status}`];
    const there = `${other.direction} ${meaning[other.status]} of ${other.amount} ${other.currency}`;
    const here = `${direction} ${status} of ${amount} ${currency}`;
    return here === there ? [] : [`${key} is ${here}, and at the ${who} ${other.status}: ${there}`];
  });
  return [...breaches, ...[...told.keys()].map((key) => `the ${who} has an order ${key}, which we know nothing of`)];
}
