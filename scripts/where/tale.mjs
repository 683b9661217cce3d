import { isKnown, merchantOf } from './facts.mjs';

/** @typedef {import('./facts.mjs').Facts} Facts */
/** @typedef {import('./topics.mjs').FoundEvent & { inboxes: { consumer: string, at: Date }[], missing: string[], dead: string[] }} TracedEvent */

const digits = (/** @type {string} */ currency) =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** Writes minor units as people read them. */
export function money(/** @type {{ amount: string, currency: string }} */ { amount, currency }) {
  const places = digits(currency);
  const text = amount.padStart(places + 1, '0');
  return places === 0 ? `${text} ${currency}` : `${text.slice(0, -places)}.${text.slice(-places)} ${currency}`;
}

const time = (/** @type {Date} */ at) => at.toISOString();
const seconds = (/** @type {number} */ ms) => `${(ms / 1_000).toFixed(1)} s`;

/** A topic may keep its events for no longer, and inboxes remember them for no longer. */
const KEPT_DAYS = 30;

/** @param {Facts} facts */
const isForgotten = ({ transaction, topUp, bankOrder, askedAt }) =>
  Number(askedAt) - Number((transaction?.recordedAt ?? topUp?.createdAt ?? bankOrder?.createdAt)) > KEPT_DAYS * 86_400_000;

/**
 * What the card processor or the bank was asked for. Only a top-up waits unbooked: what goes out is booked when it is asked for.
 * @param {Facts} facts
 */
function ordered({ transaction, topUp, bankOrder }) {
  const order = bankOrder ?? topUp;
  if (!order) return [];
  const from = bankOrder ? { DEBIT: 'pull from a bank account', CREDIT: 'pay to a bank account' }[/** @type {'DEBIT' | 'CREDIT'} */ (bankOrder.direction)] : 'charge of a card';
  const { status, failureReason, attempts, createdAt } = order;
  return [
    `${from} of ${money(/** @type {any} */ (order))}: ${status}${failureReason ? ` (${failureReason})` : ''}, ${attempts} attempts, asked for ${time(createdAt)}`,
    ...(transaction ? [] : ['  nothing is booked for it']),
  ];
}

/** @param {Facts} facts */
function booking({ transaction, postings, idempotency, unfolded, related }) {
  if (!transaction) return [];
  const of = { amount: transaction.fee, currency: transaction.currency };
  return [
    `${transaction.kind} of ${money(/** @type {any} */ (transaction))}, fee ${money(of)}, booked ${time(transaction.recordedAt)}`,
    `  person ${transaction.personId}, wallet ${transaction.walletId}${transaction.merchantId ? `, merchant ${transaction.merchantId}` : ''}`,
    ...postings.map((row) => `  posting ${row.seq}: ${money(/** @type {any} */ (row))} from ${row.debit} to ${row.credit}`),
    idempotency
      ? `  the key of its ${idempotency.mutation} is kept since ${time(idempotency.createdAt)}`
      : '  no idempotency key: no client asked for it by itself',
    ...(unfolded.length ? [`  ${unfolded.length} postings to deferred accounts are not folded yet`] : []),
    ...related.map((row) => `  see also ${row.kind} ${row.id} of ${money(/** @type {any} */ (row))}`),
  ];
}

/** @param {Facts} facts */
const outbox = ({ waiting }) =>
  waiting.length === 0
    ? ['  nothing waits: every event was handed to the bus']
    : waiting.map(({ database, type, ageMs }) => `  ${type} waits in the outbox of ${database} for ${seconds(ageMs)}`);

/** @param {Facts} facts */
const noEvent = (facts) => (isForgotten(facts) ? `  no event any more: a topic may keep ${KEPT_DAYS} days` : '  no event yet');

/** @param {TracedEvent} event */
function eventLines({ type, id, topic, partition, offset, trace, inboxes, missing, dead }) {
  const place = `  ${type}  ${topic}, partition ${partition}, offset ${offset}`;
  if (inboxes.length === 0 && missing.length === 0) return [place];
  return [
    place,
    `    event ${id}${trace ? `, trace ${trace}` : ''}`,
    ...inboxes.map(({ consumer, at }) => `    ${consumer} has worked it off: ${time(at)}`),
    ...missing.map((consumer) => `    ${consumer} has NOT worked it off${dead.includes(consumer) ? ': it is a DEAD LETTER there' : ' (or has forgotten, after 30 days)'}`),
  ];
}

/** @param {Facts} facts */
function rewards({ transaction, payment, decisions, benefits, grants }) {
  if (transaction?.kind === 'PAYMENT' && !payment) return ['  rewards does not know of the payment yet'];
  return [
    ...(payment ? [`  payment number ${payment.ordinal} of this person`] : []),
    ...decisions.map(({ campaign, outcome }) => `  campaign "${campaign}": ${outcome}`),
    ...benefits.map((row) => `  ${row.kind} ${money(/** @type {any} */ (row))}: ${row.status}`),
    ...grants.map((row) => `  accounts has the ${row.kind} of ${money(/** @type {any} */ (row))}: ${row.status}${row.transactionId ? ` as ${row.transactionId}` : ''}`),
    ...(payment && decisions.length === 0 ? ['  no campaign had anything to decide'] : []),
  ];
}

/** @param {Facts} facts */
function messages({ intents, deliveries }) {
  if (intents.length === 0) return ['  no message was asked for'];
  return intents.flatMap((intent) => [
    `  ${intent.template}: ${intent.status}${intent.reason ? ` (${intent.reason})` : ''}${intent.inInbox ? `, in the inbox, ${intent.readAt ? 'read' : 'unread'}` : ''}`,
    ...deliveries.filter((row) => row.notificationId === intent.notificationId).map((row) =>
      `    ${row.channel}: ${row.status}${row.reason ? ` (${row.reason})` : ''}, ${row.attempts} attempts, ${time(row.updatedAt)}`),
  ]);
}

/** @param {Facts} facts */
function webhookLines({ endpoints, webhooks }) {
  if (endpoints.length === 0 && webhooks.length === 0) return ['  the merchant has no endpoint'];
  if (webhooks.length === 0) return [`  none of ${endpoints.length} endpoints was told`];
  return webhooks.map((row) =>
    `  ${row.eventType} to ${row.endpointId}: ${row.status}${row.reason ? ` (${row.reason})` : ''}, ${row.attempts} attempts, ${time(row.updatedAt)}`);
}

/**
 * @param {Facts} facts
 * @returns {string[]}
 */
function openWebhooks({ webhooks }) {
  return webhooks.flatMap(({ eventType, endpointId, status, attempts, reason, dueAt }) => {
    const said = reason ? `: ${reason}` : '';
    if (status === 'DEAD') return [`the webhook of ${eventType} to ${endpointId} was given up${said}`];
    if (status !== 'PENDING') return [];
    return [`the webhook of ${eventType} to ${endpointId} is not delivered after ${attempts} attempts${said}${dueAt ? `, next at ${time(dueAt)}` : ''}`];
  });
}

/**
 * @param {Facts} facts
 * @returns {string[]}
 */
function openOrder({ topUp, bankOrder }) {
  const order = bankOrder ?? topUp;
  if (order?.status !== 'PENDING') return [];
  const who = bankOrder ? 'the bank' : 'the card processor';
  return [`${who} has not said how it ends, after ${order.attempts} attempts; it is looked at again from ${time(order.lookAt)}`];
}

/**
 * What still has to happen, in words; empty where all that should follow has followed.
 * @param {Facts} facts
 * @param {readonly TracedEvent[]} events
 * @returns {string[]}
 */
export function openPoints(facts, events) {
  const order = openOrder(facts);
  // An order says nothing on the bus before its end, and what is old is forgotten there.
  const isQuiet = order.length > 0 || isForgotten(facts);
  return [
    ...order,
    ...facts.waiting.map(({ type, database }) => `${type} waits for the relay of ${database}: is the bus away, or a long transaction open?`),
    ...(!isQuiet && events.length === 0 && facts.waiting.length === 0 ? ['no topic has an event of it'] : []),
    ...events.flatMap(({ type, missing, dead }) => missing.filter((consumer) => dead.includes(consumer) || !isForgotten(facts)).map((consumer) => dead.includes(consumer)
      ? `${type} is a dead letter of ${consumer}: npm run dead-letters -- list --group ${consumer}`
      : `${consumer} has not worked off ${type}: is it running, and its consumer lag growing?`)),
    ...facts.benefits.filter(({ status }) => status === 'PENDING').map(({ kind }) => `${kind} is not paid yet`),
    ...facts.intents.filter(({ status }) => status === 'OPEN').map((intent) => `${intent.template} is not decided on until ${time(intent.dueAt)}${intent.reason ? ` (${intent.reason})` : ''}`),
    ...facts.deliveries.filter(({ status }) => ['PLANNED', 'CLAIMED'].includes(status)).map((row) => `${row.channel} is not handed over yet`),
    ...facts.deliveries.filter(({ status }) => ['FAILED', 'UNKNOWN'].includes(status)).map((row) => `${row.channel} ended as ${row.status}${row.reason ? `: ${row.reason}` : ''}`),
    ...openWebhooks(facts),
  ];
}

/**
 * Tells where a transaction is.
 * @param {Facts} facts
 * @param {readonly TracedEvent[]} events
 * @returns {string}
 */
export function tell(facts, events) {
  if (!isKnown(facts)) return `Nobody knows a transaction ${facts.id}: it was never asked for here, or the id is another's.`;
  const open = openPoints(facts, events);
  return [
    `Transaction ${facts.id}`, '',
    'Accounts', ...[...ordered(facts), ...booking(facts)].map((line) => `  ${line}`), '',
    'Outbox', ...outbox(facts), '',
    'Topics and consumers', ...(events.length ? events.flatMap(eventLines) : [noEvent(facts)]), '',
    'Rewards', ...rewards(facts), '',
    'Messages', ...messages(facts), '',
    ...(merchantOf(facts) ? ['Webhooks', ...webhookLines(facts), ''] : []),
    open.length === 0 ? 'All that should follow has followed.' : `Still open:\n${open.map((point) => `  - ${point}`).join('\n')}`,
  ].join('\n');
}
