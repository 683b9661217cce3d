import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSubgraphs } from '../subgraphs.mjs';
import { RECOVERED_MS } from './backoff.mjs';
import { Problem } from './problem.mjs';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

export const HELP = `Starts the whole platform on this machine: npm start [-- <options>]

  --fresh     begin anew: remove the data of earlier starts first
  --no-seed   without the demo people, merchants and campaigns
  --help      this text

Environment:
  TAEL_PORT=4000         the public port; the other parts take ports counted from it
  TAEL_HOME=.tael        folder for data, logs and keys
  DATABASE_URL=…         a Postgres server to use instead of the embedded one; the user must be able to create
                         databases and roles
  KAFKA_BROKERS=…        a Kafka to use instead of the embedded one, host:port[,host:port]
  EVENT_BUS=kafka        or postgres: pins the bus; without it Kafka where it can be had, else Postgres
  LOG_LEVEL=info         of the services; their output goes to TAEL_HOME/logs
  TAEL_INSTANCES=1       how many processes of each service run, 1 to 3; the gateway spreads requests over them
  TAEL_ARCHIVE=…         a folder into which the embedded Postgres keeps its write-ahead log, so that npm run restore can go back
                         to any moment since the last npm run backup; off without it
  TAEL_RECOVERED_MS=…    a part that served this long (30000) has recovered: what died before no longer counts
  TAEL_VIA_POSTGRES=…    the port of a proxy through which the services reach the embedded Postgres: for tests of faults
  TAEL_VIA_KAFKA=…       the same for the embedded Kafka
  TAEL_SANDBOX=true      a place to try things out: the clock of the whole stack can be moved on, at the sandbox's /clock.
                         Give it a TAEL_HOME of its own: it has its own keys and data, and its clock stays movable
  TAEL_FAILPOINTS=true   the services take failpoints from TAEL_HOME/failpoints, and what their clocks are off, in
                         milliseconds, from TAEL_HOME/clocks: for tests of faults alone
`;

/** How far each part's port lies from the public one. */
const OFFSETS = {
  gateway: 0,
  .../** @type {Record<import('./services.mjs').DataServiceName, number>} */ (
    Object.fromEntries(readSubgraphs().map(({ name, portOffset }) => [name, portOffset]))
  ),
  sandbox: 5,
  smtp: 6,
  management: 9,
  partnerTls: 70,
  postgres: 32,
  kafka: 92,
  kafkaController: 93,
};

/** So far lie the ports of the second process of a service from those of the first. */
const INSTANCE_OFFSET = 10;
const INSTANCES_MAX = 3;

/** @typedef {{ [part in keyof typeof OFFSETS]: number }} Ports */

/**
 * @typedef {object} Settings
 * @property {boolean} fresh
 * @property {boolean} seed
 * @property {boolean} help
 * @property {string} home absolute folder of data, logs and keys
 * @property {Ports} ports
 * @property {string | undefined} databaseUrl a given server
 * @property {string | undefined} kafkaBrokers given brokers
 * @property {'kafka' | 'postgres' | undefined} eventBus pinned
 * @property {string} logLevel
 * @property {number} instances of each service
 * @property {number} recoveredMs a part that served this long has recovered from its earlier deaths
 * @property {string | undefined} archive absolute folder that keeps the write-ahead log of the embedded Postgres
 * @property {boolean} movableClock whether the clock of the stack can be moved on
 * @property {boolean} failpoints whether the services take failpoints
 * @property {{ postgres: number | undefined, kafka: number | undefined }} via ports of proxies in front of the servers
 * @property {Record<string, string>} overrides settings of the services that the caller gave
 */

/** Settings of services that a caller may set for the whole stack. */
const PASSED_ON = [
  'SIGN_UPS_PER_HOUR',
  'SIGN_INS_PER_HOUR',
  'FAILED_SIGN_INS_PER_15_MINUTES',
  'FAILED_SIGN_INS_PER_DAY',
  'FAILED_RECIPIENTS_PER_HOUR',
  'FAILED_CLIENT_SIGN_INS_PER_15_MINUTES',
  'SECOND_FACTOR_ROLES',
  'SANDBOX_PARTNERS',
  'CORS_ORIGINS',
  'NODE_ENV',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_TRACES_SAMPLER_ARG',
  'DRAIN_MS',
  'REQUESTS_IN_WORK_MAX',
  'REQUESTS_WAITING_MAX',
  'REQUEST_WAIT_MS',
  'SUBGRAPH_QUERY_TIMEOUT_MS',
  'RUNNING_MAX',
];

/**
 * @param {number} base
 * @returns {Ports}
 */
export function portsFrom(base) {
  return /** @type {Ports} */ (
    Object.fromEntries(Object.entries(OFFSETS).map(([part, offset]) => [part, base + offset]))
  );
}

/**
 * The port of one of the processes of a service.
 * @param {Ports} ports
 * @param {keyof Ports} name
 * @param {number} instance from 1
 */
export const instancePort = (ports, name, instance) => ports[name] + (instance - 1) * INSTANCE_OFFSET;

/**
 * Reads what the caller asked for.
 * @param {string[]} argv
 * @param {NodeJS.ProcessEnv} env
 * @returns {Settings}
 */
export function readSettings(argv, env) {
  const unknown = argv.find((argument) => !['--fresh', '--seed', '--no-seed', '--help', '-h'].includes(argument));
  if (unknown) throw new Problem(`Unknown option ${unknown}.`, 'npm start -- --help shows the options.');
  const base = Number(env.TAEL_PORT || 4000);
  if (!Number.isInteger(base) || base < 1024 || base > 65_000) {
    throw new Problem(`TAEL_PORT=${env.TAEL_PORT} is no port from 1024 to 65000.`);
  }
  const eventBus = env.EVENT_BUS || undefined;
  if (eventBus !== undefined && eventBus !== 'kafka' && eventBus !== 'postgres') {
    throw new Problem(`EVENT_BUS=${eventBus} is neither kafka nor postgres.`);
  }
  if (env.KAFKA_BROKERS && eventBus === 'postgres') {
    throw new Problem('KAFKA_BROKERS is given, but EVENT_BUS=postgres.', 'Leave one of the two out.');
  }
  const instances = Number(env.TAEL_INSTANCES || 1);
  if (!Number.isInteger(instances) || instances < 1 || instances > INSTANCES_MAX) {
    throw new Problem(`TAEL_INSTANCES=${env.TAEL_INSTANCES} is no number from 1 to ${INSTANCES_MAX}.`);
  }
  if (env.TAEL_ARCHIVE && env.DATABASE_URL) {
    throw new Problem('TAEL_ARCHIVE is given, but DATABASE_URL too.', 'The log of a server that is not ours is kept by whoever runs it.');
  }
  const overrides = PASSED_ON.flatMap((name) => (env[name] ? [[name, env[name]]] : []));
  return {
    fresh: argv.includes('--fresh'),
    seed: !argv.includes('--no-seed'),
    help: argv.includes('--help') || argv.includes('-h'),
    home: path.resolve(ROOT, env.TAEL_HOME || '.tael'),
    ports: portsFrom(base),
    databaseUrl: env.DATABASE_URL || undefined,
    kafkaBrokers: env.KAFKA_BROKERS || undefined,
    eventBus,
    logLevel: env.LOG_LEVEL || 'info',
    instances,
    recoveredMs: Number(env.TAEL_RECOVERED_MS || RECOVERED_MS),
    archive: env.TAEL_ARCHIVE ? path.resolve(ROOT, env.TAEL_ARCHIVE) : undefined,
    movableClock: env.TAEL_SANDBOX === 'true',
    failpoints: env.TAEL_FAILPOINTS === 'true',
    via: {
      postgres: Number(env.TAEL_VIA_POSTGRES) || undefined,
      kafka: Number(env.TAEL_VIA_KAFKA) || undefined,
    },
    overrides: Object.fromEntries(overrides),
  };
}
