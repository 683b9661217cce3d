import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkJava, ensureJars, KafkaLacking } from './kafka.mjs';
import { Problem } from './problem.mjs';
import { ROOT } from './settings.mjs';

const require = createRequire(path.join(ROOT, 'package.json'));

const PARTITIONS = 6;
const TOPICS_TIMEOUT_MS = 30_000;

/**
 * @typedef {{ kind: 'kafka', embedded: boolean, brokers: string, reason: string }
 *   | { kind: 'postgres', embedded: boolean, brokers?: undefined, reason: string }} BusChoice
 */

/**
 * Decides which bus carries the events: given brokers, else Kafka on this machine, else Postgres.
 * @param {import('./settings.mjs').Settings} settings
 * @param {(detail: string) => void} say
 * @returns {Promise<BusChoice>}
 */
export async function chooseBus(settings, say) {
  if (settings.kafkaBrokers) {
    return { kind: 'kafka', embedded: false, brokers: settings.kafkaBrokers, reason: 'the brokers of KAFKA_BROKERS' };
  }
  if (settings.eventBus === 'postgres')
    return { kind: 'postgres', embedded: true, reason: 'EVENT_BUS=postgres asks for it' };
  try {
    checkJava();
    await ensureJars(say);
  } catch (error) {
    if (!(error instanceof KafkaLacking)) throw error;
    if (settings.eventBus !== 'kafka')
      return { kind: 'postgres', embedded: true, reason: `no Kafka: ${error.message}` };
    throw new Problem(
      `EVENT_BUS=kafka asks for Kafka, but ${error.message}.`,
      'Install a Java of 17 or newer and Maven, or give brokers by KAFKA_BROKERS=host:port, or leave EVENT_BUS out: then ' +
        'Postgres carries the events.',
    );
  }
  const brokers = `127.0.0.1:${settings.via.kafka ?? settings.ports.kafka}`;
  return { kind: 'kafka', embedded: true, brokers, reason: 'Apache Kafka 4.3.0 on this machine' };
}

/**
 * Makes the topics that are missing. A broker that has just come up says for a moment that it has no leader yet.
 * @param {BusChoice} choice
 * @param {string} busUrl of the database, for the Postgres bus
 * @returns {Promise<number>} how many topics there are
 */
export async function ensureTopics(choice, busUrl) {
  const { TOPICS } = require('@tael/events');
  const topics = Object.values(TOPICS).map((name) => ({ name, partitions: PARTITIONS }));
  const until = performance.now() + TOPICS_TIMEOUT_MS;
  for (;;) {
    const bus = openBus(choice, busUrl);
    try {
      await bus.ensureTopics(topics);
      return topics.length;
    } catch (error) {
      const cause = /** @type {Error} */ (error).message;
      if (performance.now() > until) throw new Problem(`The topics could not be made: ${cause}`);
    } finally {
      await bus.close();
    }
    await sleep(250);
  }
}

/**
 * @param {BusChoice} choice
 * @param {string} busUrl
 * @returns {import('@tael/platform/bus').Bus}
 */
function openBus(choice, busUrl) {
  const { createBus } = require('@tael/platform/bus');
  const { createLogger } = require('@tael/platform/log');
  const log = createLogger({ service: 'start', level: 'silent' });
  if (choice.kind === 'postgres') return createBus({ kind: 'postgres', url: busUrl, clientId: 'start', log });
  return createBus({ kind: 'kafka', brokers: choice.brokers.split(','), clientId: 'start', log });
}
