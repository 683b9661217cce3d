import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { checkJars, parseSums } from './jars.mjs';
import { Problem } from './problem.mjs';
import { ROOT } from './settings.mjs';

const run = promisify(execFile);

const JAVA_NEEDED = 17;
const DOWNLOAD_TIMEOUT_MS = 300_000;

/** The jars are a cache of this checkout, checked before each start: stacks with other data folders share them. */
const LIBS = path.join(ROOT, '.tael', 'kafka', 'libs');

/** Kafka cannot be had on this machine: the message says why. */
export class KafkaLacking extends Error {}

/** Checks for a Java that can run the broker. */
export function checkJava() {
  const found = spawnSync('java', ['-version'], { encoding: 'utf8', timeout: 20_000 });
  if (found.error || found.status !== 0)
    throw new KafkaLacking(`there is no Java on this machine (${JAVA_NEEDED} or newer is needed)`);
  const version = /version "(\d+)/.exec(found.stderr)?.[1];
  if (Number(version) < JAVA_NEEDED)
    throw new KafkaLacking(`Java ${version} is too old (${JAVA_NEEDED} or newer is needed)`);
}

/**
 * Brings the broker's jars here where they are not, by Maven, and checks each against the committed sums.
 * @param {(detail: string) => void} say
 */
export async function ensureJars(say) {
  const sums = parseSums(fs.readFileSync(path.join(ROOT, 'infra', 'kafka', 'jars.sha512'), 'utf8'));
  if (!checkJars(LIBS, sums).length) return;
  say('fetching Kafka, about 45 MB');
  const draft = `${LIBS}.${process.pid}`;
  fs.rmSync(draft, { recursive: true, force: true });
  try {
    await download(draft);
    const faults = checkJars(draft, sums);
    if (faults.length)
      throw new Problem(`The jars of Kafka are not what infra/kafka/jars.sha512 lists:\n${faults.join('\n')}`);
    fs.rmSync(LIBS, { recursive: true, force: true });
    fs.mkdirSync(path.dirname(LIBS), { recursive: true });
    fs.renameSync(draft, LIBS);
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
}

/** @param {string} folder */
async function download(folder) {
  const pom = path.join(ROOT, 'infra', 'kafka', 'pom.xml');
  const options = [
    '-q',
    '-B',
    '-C',
    '-f',
    pom,
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${folder}`,
  ];
  try {
    await run('mvn', options, { timeout: DOWNLOAD_TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 });
  } catch (error) {
    const failure = /** @type {NodeJS.ErrnoException & { stdout?: string, killed?: boolean }} */ (error);
    if (failure.code === 'ENOENT')
      throw new KafkaLacking('there is no Maven (mvn) on this machine to fetch the broker with');
    if (failure.killed)
      throw new KafkaLacking(`Maven did not fetch the broker within ${DOWNLOAD_TIMEOUT_MS / 60_000} minutes`);
    const said = failure.stdout?.split('\n').find((row) => row.includes('ERROR')) ?? failure.message.split('\n')[0];
    throw new KafkaLacking(`Maven could not fetch the broker: ${said?.replaceAll(/\x1b\[\d*m/g, '').slice(0, 300)}`);
  }
}

/**
 * @typedef {object} Broker
 * @property {string} properties file of settings
 * @property {number} port
 */

/**
 * Writes the broker's settings, and makes its files where there are none.
 * @param {{ home: string, port: number, controllerPort: number, advertisedPort?: number | undefined }} options advertisedPort:
 *   where clients are sent, if not to the port itself
 * @returns {Promise<Broker>}
 */
export async function prepareBroker({ home, port, controllerPort, advertisedPort = port }) {
  const folder = path.join(home, 'kafka');
  const data = path.join(folder, 'data');
  const properties = path.join(folder, 'server.properties');
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(properties, serverProperties({ data, port, controllerPort, advertisedPort }));
  if (!fs.existsSync(path.join(data, 'meta.properties'))) {
    await formatStorage(properties);
  }
  return { properties, port };
}

/**
 * One node that is broker and controller. The controllers are named here and not kept in the data, so that the same data
 * can be started on other ports.
 * @param {{ data: string, port: number, controllerPort: number, advertisedPort: number }} options
 */
function serverProperties({ data, port, controllerPort, advertisedPort }) {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${advertisedPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': data.replaceAll('\\', '/'),
    'auto.create.topics.enable': false,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // Consumers ask for sessions of 3 s: what a dead one had goes to others after that. Kafka would allow no less than 6.
    'group.min.session.timeout.ms': 2_000,
    // After kill -9 the restarted broker is fenced until its old session has ended: 3 s instead of 9.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    // Events are kept for good: a new consumer group begins at the oldest.
    'log.retention.ms': -1,
    'log.segment.bytes': 67_108_864,
  };
  return `${Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}

/**
 * Makes the files of a broker whose settings stand in a file.
 * @param {string} properties
 * @param {readonly string[]} [more] options of Kafka's own tool
 */
export const formatStorage = (properties, more = []) => tool(['format', '-t', newClusterId(), '-c', properties, ...more]);

/** A name for a cluster as the tool itself would make one, without another start of Java: 16 bytes, which must not look like an option. */
function newClusterId() {
  for (;;) {
    const id = randomBytes(16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}

/** @param {readonly string[]} args */
async function tool(args) {
  const options = [
    '-Xmx128m',
    '-XX:TieredStopAtLevel=1',
    '-cp',
    path.join(LIBS, '*'),
    'kafka.tools.StorageTool',
    ...args,
  ];
  try {
    const { stdout } = await run('java', options, { timeout: 60_000 });
    return stdout;
  } catch (error) {
    const failure = /** @type {Error & { stderr?: string, stdout?: string }} */ (error);
    throw new Problem(`Kafka could not make its files: ${failure.stderr || failure.stdout || failure.message}`);
  }
}

/**
 * How the supervisor runs the broker.
 * @param {Broker} broker
 * @param {{ log: string }} options
 * @returns {import('./supervisor.mjs').PartSpec}
 */
export function kafkaPart(broker, { log }) {
  return {
    name: 'kafka',
    command: 'java',
    args: [
      '-Xms256m',
      '-Xmx512m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
      '-Dorg.slf4j.simpleLogger.showDateTime=true',
      "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
      '-cp',
      path.join(LIBS, '*'),
      'kafka.Kafka',
      broker.properties,
    ],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], JAVA_HOME: process.env['JAVA_HOME'], TZ: 'UTC' },
    user: undefined,
    log,
    tier: 1,
    probe: () => connectTo(broker.port),
    stopTimeoutMs: 20_000,
  };
}

/** @param {number} port */
function connectTo(port) {
  return /** @type {Promise<void>} */ (
    new Promise((resolve, reject) => {
      const socket = net.connect({ port, host: '127.0.0.1' }, () => {
        socket.destroy();
        resolve();
      });
      socket.once('error', reject);
    })
  );
}
