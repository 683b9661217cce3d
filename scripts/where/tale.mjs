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

/**
 * What still has to happen, in words; empty where all that should follow has followed.
 * @param {Facts} facts
 * @param {readonly TracedEvent[]} events
 * @returns {string[]}
 */
export function openPoints(facts, events) {
  return [
    ...facts.waiting.map(({ type, database }) => `${type} waits for the relay of ${database}: is the bus away, or a long transaction open?`),
    ...(facts.transaction && events.length === 0 && facts.waiting.length === 0 ? ['no topic has an event of it'] : []),
    ...events.flatMap(({ type, missing, dead }) => missing.map((consumer) => dead.includes(consumer)
      ? `${type} is a dead letter of ${consumer}: node scripts/dead-letters.mjs list --group ${consumer}`
      : `${consumer} has not worked off ${type}: is it running, and its consumer lag growing?`)),
    ...facts.benefits.filter(({ status }) => status === 'PENDING').map(({ kind }) => `${kind} is not paid yet`),
    ...facts.intents.filter(({ status }) => status === 'OPEN').map((intent) => `${intent.template} is not decided on until ${time(intent.dueAt)}${intent.reason ? ` (${intent.reason})` : ''}`),
    ...facts.deliveries.filter(({ status }) => ['PLANNED', 'CLAIMED'].includes(status)).map((row) => `${row.channel} is not handed over yet`),
    ...facts.deliveries.filter(({ status }) => ['FAILED', 'UNKNOWN'].includes(status)).map((row) => `${row.channel} ended as ${row.status}${row.reason ? `: ${row.reason}` : ''}`),
  ];
}

/**
 * Tells where a transaction is.
 * @param {Facts} facts
 * @param {readonly TracedEvent[]} events
 * @returns {string}
 */
export function tell(facts, events) {
  if (!facts.transaction) {
    if (!facts.topUp) return `Nobody knows a transaction ${facts.id}: it was never booked here, or the id is another's.`;
    const { status } = facts.topUp;
    return `${facts.id} is a top-up of ${money(/** @type {any} */ (facts.topUp))} that is ${status}: nothing is booked for it.`;
  }
  const open = openPoints(facts, events);
  return [
    `Transaction ${facts.id}`, '',
    'Accounts', ...booking(facts).map((line) => `  ${line}`), '',
    'Outbox', ...outbox(facts), '',
    'Topics and consumers', ...(events.length ? events.flatMap(eventLines) : ['  no event yet']), '',
    'Rewards', ...rewards(facts), '',
    'Messages', ...messages(facts), '',
    open.length === 0 ? 'All that should follow has followed.' : `Still open:\n${open.map((point) => `  - ${point}`).join('\n')}`,
  ].join('\n');
}
