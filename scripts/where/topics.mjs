import { createRequire } from 'node:module';
import path from 'node:path';
import { ROOT } from '../stack/settings.mjs';

const load = createRequire(import.meta.url);

/**
 * An event that speaks of a transaction, and where it lies.
 * @typedef {object} FoundEvent
 * @property {string} type
 * @property {string} id
 * @property {string} topic
 * @property {number} partition
 * @property {string} offset
 * @property {string | undefined} trace
 * @property {Date} at when it happened
 */

/** Who works off which events. What a consumer passes over leaves no trace at it; webhooks are asked for by their endpoints. */
export const CONSUMERS = /** @type {Record<string, readonly string[]>} */ ({
  'payment.settled': ['rewards', 'notifications'],
  'payment.refunded': ['rewards', 'notifications'],
  'dispute.opened': ['notifications'],
  'dispute.answered': ['notifications'],
  'dispute.decided': ['notifications'],
  'dispute.document-added': ['notifications'],
  'transfer.settled': ['notifications'],
  'transfer.received': ['notifications'],
  'topup.settled': ['notifications'],
  'topup.failed': ['notifications'],
  'bank-topup.failed': ['notifications'],
  'debt.collected': ['notifications'],
  'debt.written-off': ['notifications'],
  'merchant-debt.written-off': ['notifications'],
  'card-topup.returned': ['notifications'],
  'withdrawal.settled': ['notifications'],
  'withdrawal.failed': ['notifications'],
  'wallet.adjusted': ['notifications'],
  'people.linked': ['rewards'],
  'benefit.granted': ['accounts'],
  'benefit.reversed': ['accounts'],
  'reward.posted': ['rewards', 'notifications'],
  'reward.reversed': ['rewards', 'notifications'],
  'reward.refused': ['rewards'],
});

/** The consumer that writes webhooks; it keeps no inbox row of an event that no endpoint chose. */
export const WEBHOOKS = 'merchants-webhooks';

/**
 * Whether an event should have become a webhook and has not: an endpoint that was there before has chosen it.
 * @param {{ id: string, type: string, at: Date }} event
 * @param {Pick<import('./facts.mjs').Facts, 'endpoints' | 'webhooks'>} known
 */
export const lacksWebhook = ({ id, type, at }, { endpoints, webhooks }) => endpoints.some((endpoint) =>
  endpoint.status === 'ENABLED' && endpoint.eventTypes.includes(type) && endpoint.createdAt <= at
  && !webhooks.some(({ endpointId, eventId }) => endpointId === endpoint.id && eventId === id));

/**
 * The bus of a running stack.
 * @param {Record<string, any>} stack what stack.json says
 */
export function openBus(stack) {
  const part = (/** @type {string} */ name) => load(path.join(ROOT, 'packages', 'platform', 'dist', name, 'index.js'));
  const log = part('log').createLogger({ service: 'where', level: 'silent' });
  const { readBusEnv } = /** @type {typeof import('../../packages/platform/dist/env')} */ (part('env'));
  // How one signs in to brokers that ask stands in the environment, by the names that the services have for it.
  const where = readBusEnv({ ...process.env, EVENT_BUS: stack.eventBus, KAFKA_BROKERS: stack.kafkaBrokers ?? '', BUS_DATABASE_URL: stack.busDatabaseUrl ?? '' });
  const { createBus, listDeadLetters, replayDeadLetters } = /** @type {typeof import('../../packages/platform/dist/bus')} */ (part('bus'));
  return { bus: createBus(/** @type {any} */ ({ ...where, clientId: 'where', log })), listDeadLetters, replayDeadLetters };
}

/**
 * @param {import('../../packages/platform/dist/bus').Bus} bus
 * @param {string} topic
 * @param {RegExp} wanted
 * @param {Date} since
 */
async function eventsOn(bus, topic, wanted, since) {
  /** @type {FoundEvent[]} */
  const found = [];
  for await (const message of bus.read(topic, { since })) {
    if (!wanted.test(message.value)) continue;
    found.push({
      topic,
      type: message.headers.ce_type ?? '(no type)',
      id: message.headers.ce_id ?? '(no id)',
      partition: message.partition,
      offset: String(message.offset),
      trace: message.headers.traceparent?.slice(3, 35),
      at: new Date(message.headers.ce_time ?? 0),
    });
  }
  return found;
}

/**
 * Every topic that events go to.
 * @returns {string[]}
 */
export const topicsOfEvents = () => Object.values(load(path.join(ROOT, 'packages', 'events', 'dist', 'index.js')).TOPICS);

/**
 * Reads the topics from a time on, and gives the events that speak of one of `ids`.
 * @param {import('../../packages/platform/dist/bus').Bus} bus
 * @param {readonly string[]} ids
 * @param {Date} since
 * @returns {Promise<FoundEvent[]>}
 */
export async function eventsAbout(bus, ids, since) {
  const { TOPICS } = load(path.join(ROOT, 'packages', 'events', 'dist', 'index.js'));
  const wanted = new RegExp(ids.join('|'));
  const topics = [TOPICS.payments, TOPICS.rewards, TOPICS.notifications];
  return (await Promise.all(topics.map((topic) => eventsOn(bus, topic, wanted, since)))).flat();
}
