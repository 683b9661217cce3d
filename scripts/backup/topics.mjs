import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { kafkaPart, prepareBroker } from '../stack/kafka.mjs';
import { ROOT } from '../stack/settings.mjs';
import { Supervisor } from '../stack/supervisor.mjs';

const require = createRequire(path.join(ROOT, 'package.json'));

const BATCH = 1_000;

/**
 * A message as it lies on a partition.
 * @typedef {object} Kept
 * @property {string} topic
 * @property {number} partition
 * @property {string} timestamp when it was sent, in milliseconds since 1970
 * @property {string | null} key
 * @property {Record<string, string>} headers
 * @property {string | null} value
 */

/** @typedef {(processes: Record<string, import('../stack/run-lock.mjs').PartMark>) => void} Running */
/** @typedef {{ topic: string, partitions: number, settings: { name: string, value: string }[] }} Topic */

/**
 * Runs `work` on a broker that is there for it alone.
 * @template Result
 * @param {object} options
 * @param {string} options.home
 * @param {{ kafka: number, kafkaController: number }} options.ports
 * @param {string} options.log
 * @param {Running} options.running hears which process it is, so that it can be ended after a kill -9 of this one
 * @param {(brokers: import('kafkajs').Kafka) => Promise<Result>} work
 */
export async function withBroker({ home, ports, log, running }, work) {
  /** @type {Supervisor} */
  const supervisor = new Supervisor({ note: () => undefined, giveUp: () => undefined, changed: () => running(supervisor.processes()) });
  try {
    const broker = await prepareBroker({ home, port: ports.kafka, controllerPort: ports.kafkaController });
    await supervisor.start(kafkaPart(broker, { log }), 120_000);
    const { Kafka, logLevel } = require('kafkajs');
    return await work(new Kafka({ brokers: [`127.0.0.1:${ports.kafka}`], clientId: 'tael-restore', logLevel: logLevel.NOTHING, retry: { retries: 20, maxRetryTime: 1_000 } }));
  } finally {
    await supervisor.stop();
  }
}

/**
 * Writes every message of every topic into a file, a line each.
 * @param {import('kafkajs').Kafka} kafka
 * @param {string} file
 * @returns {Promise<Topic[]>}
 */
export async function dumpTopics(kafka, file) {
  const admin = kafka.admin();
  await admin.connect();
  const out = fs.openSync(file, 'w', 0o600);
  try {
    const names = (await admin.listTopics()).filter((name) => !name.startsWith('__'));
    const topics = [];
    for (const topic of names) {
      topics.push({ topic, ...(await shapeOf(admin, topic)) });
      await dumpTopic(kafka, admin, { topic, out });
    }
    fs.fsyncSync(out);
    return topics;
  } finally {
    fs.closeSync(out);
    await admin.disconnect();
  }
}

/**
 * @param {import('kafkajs').Admin} admin
 * @param {string} topic
 */
async function shapeOf(admin, topic) {
  const { ConfigResourceTypes } = require('kafkajs');
  const { topics: [described] } = await admin.fetchTopicMetadata({ topics: [topic] });
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }] });
  // 1: set on the topic itself.
  const own = (resources[0]?.configEntries ?? []).filter((entry) => /** @type {any} */ (entry).configSource === 1);
  return {
    partitions: described?.partitions.length ?? 1,
    settings: own.map(({ configName, configValue }) => ({ name: configName, value: configValue })),
  };
}

/**
 * @param {import('kafkajs').Kafka} kafka
 * @param {import('kafkajs').Admin} admin
 * @param {{ topic: string, out: number }} options
 */
async function dumpTopic(kafka, admin, { topic, out }) {
  const ends = new Map((await offsetsOf(admin, topic)).filter(({ low, high }) => BigInt(high) > BigInt(low)).map(({ partition, high }) => [partition, BigInt(high)]));
  if (ends.size === 0) return;
  const consumer = kafka.consumer({ groupId: `tael-restore-${topic}`, allowAutoTopicCreation: false, maxWaitTimeInMs: 50 });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await /** @type {Promise<void>} */ (
      new Promise((resolve, reject) => {
        // A broker that has just come up still loads its groups: then kafkajs begins again by itself.
        consumer.on(consumer.events.CRASH, ({ payload }) => !payload.restart && reject(payload.error));
        consumer
          .run({
            autoCommit: false,
            eachBatch: async ({ batch }) => {
              const { partition, messages } = batch;
              const end = ends.get(partition);
              if (end === undefined) return;
              const lines = messages.filter(({ offset }) => BigInt(offset) < end).map((message) => `${JSON.stringify(lineOf(topic, partition, message))}\n`);
              fs.writeSync(out, lines.join(''));
              if (BigInt(batch.lastOffset()) + 1n >= end) ends.delete(partition);
              if (ends.size === 0) resolve();
            },
          })
          .catch(reject);
      })
    );
  } finally {
    await consumer.disconnect();
  }
}

/**
 * The offsets of a topic. A broker that has just come up says for a moment that it has no leader yet.
 * @param {import('kafkajs').Admin} admin
 * @param {string} topic
 */
async function offsetsOf(admin, topic) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await admin.fetchTopicOffsets(topic);
    } catch (error) {
      if (attempt === 50) throw error;
      await sleep(200);
    }
  }
}

/**
 * @param {string} topic
 * @param {number} partition
 * @param {import('kafkajs').KafkaMessage} message
 * @returns {Kept}
 */
function lineOf(topic, partition, { timestamp, key, headers, value }) {
  const texts = Object.entries(headers ?? {}).map(([name, text]) => [name, String(Array.isArray(text) ? text.at(-1) : text)]);
  return { topic, partition, timestamp, key: key?.toString() ?? null, headers: Object.fromEntries(texts), value: value?.toString() ?? null };
}

/**
 * The messages of a dump.
 * @param {string} file
 * @returns {AsyncGenerator<Kept>}
 */
export async function* messagesOf(file) {
  for await (const line of readline.createInterface({ input: fs.createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) yield JSON.parse(line);
}

/**
 * Makes the topics anew, with the messages of a dump that are to be kept: each on its partition, in its order, with its time.
 * @param {import('kafkajs').Kafka} kafka
 * @param {{ topics: readonly Topic[], file: string, isKept: (message: Kept) => boolean }} from
 */
export async function fillTopics(kafka, { topics, file, isKept }) {
  const { Partitioners } = require('kafkajs');
  const admin = kafka.admin();
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, createPartitioner: Partitioners.DefaultPartitioner });
  await admin.connect();
  await producer.connect();
  let kept = 0;
  try {
    await admin.createTopics({
      waitForLeaders: true,
      topics: topics.map(({ topic, partitions, settings }) => ({ topic, numPartitions: partitions, replicationFactor: -1, configEntries: settings })),
    });
    for (const { topic } of topics) await offsetsOf(admin, topic);
    /** @type {Kept[]} */
    let batch = [];
    const send = async () => {
      kept += batch.length;
      if (batch.length > 0) await producer.sendBatch({ acks: -1, topicMessages: byTopic(batch) });
      batch = [];
    };
    for await (const message of messagesOf(file)) {
      if (!isKept(message)) continue;
      batch.push(message);
      if (batch.length === BATCH) await send();
    }
    await send();
    return kept;
  } finally {
    await producer.disconnect();
    await admin.disconnect();
  }
}

/**
 * @param {readonly Kept[]} messages
 * @returns {import('kafkajs').TopicMessages[]}
 */
function byTopic(messages) {
  /** @type {Map<string, import('kafkajs').TopicMessages>} */
  const topics = new Map();
  for (const { topic, ...message } of messages) {
    const entry = topics.get(topic) ?? { topic, messages: [] };
    entry.messages.push(message);
    topics.set(topic, entry);
  }
  return [...topics.values()];
}
