import type { Money } from '@tael/money';
import { failpoint } from '@tael/platform/failpoint';
import { outboxInsert, outboxValues } from '@tael/platform/outbox';
import { inTransaction, queryAndCommit, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { messagesOf } from '../events/emission';
import { spendWaiver } from '../fee-waivers/fee-waiver.service';
import { isOpenEnded, type KeyClaim, replay, requestHash } from '../idempotency/idempotency.service';
import { merchantInflowId, systemAccountId } from '../ledger/account.ids';
import { batchCall, batchValues, expectCall, expectValues, type Leg, type NewTransaction, openMerchantInflow } from '../ledger/ledger.service';
import type { Outcome, Refusal } from '../outcomes/outcome.domain';
import type { TransactionRecord, Viewer } from '../transactions/transaction.domain';
import { decidePayment, type PaymentPlan, type PaymentState } from './payment.domain';
import { paymentsOf, readPayments, type ReadPayments, type StatesRow, targetsOf } from './payment-state.service';

/** One payment of a batch; the ids as the database writes them. */
export interface PaymentOrder extends Viewer {
  readonly transactionId: string;
  readonly traceparent: string;
  readonly walletId: string;
  readonly merchantId: string;
  readonly amount: Money;
  readonly description: string | undefined;
  /** The description sealed for the transaction. */
  readonly sealed: string | undefined;
  readonly claim: KeyClaim;
}

/** What a payment answers; the record where it was just made, and so need not be read. */
export type PaymentAnswer = Outcome<{ transactionId: string; record?: TransactionRecord }>;

interface Decided {
  readonly order: PaymentOrder;
  readonly state: PaymentState;
  readonly outcome: Outcome<{ plan: PaymentPlan }>;
}

interface Planned {
  readonly order: PaymentOrder;
  readonly plan: PaymentPlan;
  readonly at: Date;
  readonly balanceAfter: bigint;
}

// Somebody may hold the rows of one of them for long, such as a process that was stopped in the middle: the others shall not
// wait as long as that. One payment alone has the patience of the session.
const BATCH_LOCK_TIMEOUT = '2s';

/** How the last statement of payments is sent: alone, or with the commit of its transaction. */
type Send = typeof queryAndCommit;
const within: Send = (tx, text, values) => tx.query(text, [...values]);

/**
 * Books payments of different people in one transaction: their keys, the locks in order, each one's decision, the refusals, then
 * counters, postings and events with the commit, each in one statement for all. What one of them breaks, breaks all; see BatchQueue.
 */
export async function bookPayments(dataSource: DataSource, orders: readonly PaymentOrder[]): Promise<PaymentAnswer[]> {
  const booked = await inTransaction(dataSource, async (tx) => {
    const { stored, fresh, read } = await claimAndRead(tx, orders);
    if (read) {
      const decided = await decide(tx, fresh, read);
      await refuse(tx, decided);
      failpoint('payMerchant.before-commit');
      const answers = await book(tx, decided, read.recordedAt, queryAndCommit);
      decided.forEach(({ order }, index) => stored.set(order, answers[index]!));
    }
    return orders.map((order) => stored.get(order)!);
  });
  failpoint('payMerchant.after-commit');
  return booked;
}

/** Books payments of different people whose keys are claimed in this transaction; what a refusal does to its key is the caller's. */
export async function bookClaimed(tx: Tx, orders: readonly PaymentOrder[]): Promise<PaymentAnswer[]> {
  const read = await readPayments(tx, orders, { lock: true });
  return book(tx, await decide(tx, orders, read), read.recordedAt, within);
}

async function decide(tx: Tx, orders: readonly PaymentOrder[], { states }: ReadPayments): Promise<Decided[]> {
  return spendWaivers(tx, orders.map((order, index) => {
    const state = states[index]!;
    return { order, state, outcome: decidePayment(state, order.amount) };
  }));
}

async function book(tx: Tx, decided: readonly Decided[], recordedAt: string, send: Send): Promise<PaymentAnswer[]> {
  const planned = decided.flatMap(plannedOf);
  const records = new Map(planned.map((payment) => [payment.order, recordOf(payment)]));
  // The last that may fail: it may be committed with this.
  if (planned.length > 0) await write(tx, planned, recordedAt, send);
  return decided.map(({ order, outcome }) => (
    outcome.ok ? { ok: true, transactionId: order.transactionId, record: records.get(order)! } : outcome
  ));
}

interface StoredRow {
  readonly n: number;
  readonly hash: string;
  readonly transactionId: string | null;
  readonly refusals: Refusal[] | null;
}

interface Opened {
  /** What is stored under keys that were taken already. */
  readonly stored: Map<PaymentOrder, PaymentAnswer>;
  readonly fresh: readonly PaymentOrder[];
  /** What the fresh ones depend on, under their locks; none where there is none. */
  readonly read: ReadPayments | undefined;
}

/** Claims the keys of payments, and locks and reads what those depend on whose keys are fresh: in one round trip. */
async function claimAndRead(tx: Tx, orders: readonly PaymentOrder[]): Promise<Opened> {
  const hashes = orders.map(({ claim }) => requestHash(claim));
  const [row]: [{ stored: StoredRow[]; states: StatesRow | null }] = await tx.query(
    `/* payments.open */ SELECT stored, states FROM payment_open($1, $2::text[], $3::bytea[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[],
       $8::uuid[], $9::text[], $10::bigint[])`,
    [
      orders.length > 1 ? BATCH_LOCK_TIMEOUT : null, orders.map(({ claim }) => claim.key), hashes,
      orders.map(({ transactionId }) => transactionId), ...targetsOf(orders),
    ],
  );
  const stored = new Map(row.stored.map(({ n, hash, transactionId, refusals }) => [
    orders[n - 1]!, replay(hashes[n - 1]!, { requestHash: Buffer.from(hash, 'hex'), transactionId, refusals }),
  ]));
  const fresh = orders.filter((order) => !stored.has(order));
  return { stored, fresh, read: row.states ? paymentsOf(fresh, row.states) : undefined };
}

/**
 * Spends the waivers that were chosen, in order of the campaigns, so that two batches never wait for each other crosswise.
 * Where a budget is gone by then, the payment is decided again without that offer.
 */
async function spendWaivers(tx: Tx, decided: readonly Decided[]): Promise<Decided[]> {
  const campaignOf = ({ outcome }: Decided) => (outcome.ok ? outcome.plan.waiver?.campaignId : undefined) ?? '';
  const inOrder = decided.filter(campaignOf).sort((a, b) => (campaignOf(a) < campaignOf(b) ? -1 : 1));
  const spent = new Map<Decided, Decided>();
  for (const payment of inOrder) spent.set(payment, await spendWaiverOf(tx, payment));
  return decided.map((payment) => spent.get(payment) ?? payment);
}

async function spendWaiverOf(tx: Tx, payment: Decided): Promise<Decided> {
  const { order, state } = payment;
  let { offers } = state;
  let { outcome } = payment;
  while (outcome.ok && outcome.plan.waiver) {
    const { campaignId, waived, cap } = outcome.plan.waiver;
    if (await spendWaiver(tx, { campaignId, personId: order.personId, amount: waived, cap })) break;
    offers = offers.filter((offer) => offer.campaignId !== campaignId);
    outcome = decidePayment({ ...state, offers }, order.amount);
  }
  return { order, state, outcome };
}

function plannedOf({ order, state, outcome }: Decided): Planned[] {
  if (!outcome.ok) return [];
  const { plan } = outcome;
  return [{ order, plan, at: state.at, balanceAfter: state.wallet!.posted - plan.total }];
}

// Counters, postings and events in one statement: each round trip more is time for which the wallets are locked. It says itself
// that the wallets hold what was decided, since it may be committed before anybody here could look.
const POSTED = batchCall(7);
const HELD = expectCall(13);
const TOLD = outboxInsert(15);

async function write(tx: Tx, planned: readonly Planned[], recordedAt: string, send: Send): Promise<void> {
  const closed = new Map(planned
    .filter(({ plan }) => !plan.merchant.inflowOpen)
    .map(({ plan }) => [merchantInflowId(plan.merchant.id, plan.currency), plan]));
  for (const id of [...closed.keys()].sort()) await openMerchantInflow(tx, closed.get(id)!.merchant.id, closed.get(id)!.currency);
  const events = planned.flatMap((payment) => messagesOf(payment.order, [{ type: 'payment.settled', data: settledOf(payment) }]));
  await send(
    tx,
    `/* payments.write */ WITH told AS (${TOLD})
     SELECT ${HELD} FROM payment_count($1::uuid[], $2::timestamptz, $3::uuid[], $4::text[], $5::bigint[], $6::bigint[]), ${POSTED} p`,
    [
      planned.map(({ order }) => order.personId), recordedAt, ...countsOf(planned),
      ...batchValues(recordedAt, planned.map(transactionOf)),
      ...expectValues(planned.map(({ order, balanceAfter }) => [order.walletId, balanceAfter])),
      ...outboxValues(events),
    ],
  );
}

/** What payments take of limits: persons, limits, amounts, caps. */
function countsOf(planned: readonly Planned[]): string[][] {
  const uses = planned.flatMap(({ order, plan }) => plan.limitUses.map((use) => ({ ...use, personId: order.personId })));
  return [
    uses.map((use) => use.personId), uses.map((use) => use.limitId), uses.map((use) => String(use.taken)), uses.map((use) => String(use.cap)),
  ];
}

async function refuse(tx: Tx, decided: readonly Decided[]): Promise<void> {
  const refused = decided.flatMap(({ order, outcome }) => (outcome.ok ? [] : [{ claim: order.claim, refusals: outcome.refusals }]));
  if (refused.length === 0) return;
  await tx.query('/* payments.refuse */ SELECT payment_refuse($1::uuid[], $2::text[], $3::jsonb[])', [
    refused.map(({ claim }) => claim.scope), refused.map(({ claim }) => claim.key),
    refused.map(({ refusals }) => (refusals.some(isOpenEnded) ? null : JSON.stringify(refusals))),
  ]);
}

function legsOf(plan: PaymentPlan, walletId: string): Leg[] {
  const payment = { debit: walletId, credit: merchantInflowId(plan.merchant.id, plan.currency), amount: plan.amount };
  if (plan.fee === 0n) return [payment];
  return [payment, { debit: walletId, credit: systemAccountId('FEES', plan.currency), amount: plan.fee }];
}

function transactionOf({ order, plan }: Planned): NewTransaction {
  const { personId, walletId, merchantId } = order;
  return {
    id: order.transactionId, kind: 'PAYMENT', currency: plan.currency, amount: plan.amount, fee: plan.fee, personId, walletId, merchantId,
    feeWaived: plan.feeBeforeWaiver - plan.fee,
    ...(plan.waiver ? { campaignId: plan.waiver.campaignId } : {}),
    description: order.sealed,
    legs: legsOf(plan, walletId),
  };
}

function settledOf({ order, plan, at, balanceAfter }: Planned) {
  const { transactionId, personId, walletId, merchantId } = order;
  return {
    transactionId, personId, walletId, currency: plan.currency, amount: plan.amount, balanceAfter, occurredAt: at,
    merchantId, merchantCategoryCode: plan.merchant.categoryCode,
    fee: plan.fee, feeBeforeWaiver: plan.feeBeforeWaiver,
    waiverCampaignId: plan.waiver?.campaignId ?? null, waived: plan.feeBeforeWaiver - plan.fee, ordinal: plan.ordinal,
  };
}

function recordOf({ order, plan, at, balanceAfter }: Planned): TransactionRecord {
  return {
    id: order.transactionId, kind: 'PAYMENT', status: 'SETTLED', currency: plan.currency, amount: plan.amount, fee: plan.fee,
    refunded: 0n, personId: order.personId, counterpartyId: null, merchantId: order.merchantId,
    // The payer looks at it, whoever the merchant's people are.
    merchantPeople: [], balanceAfter, description: order.description, recordedAt: at,
  };
}
