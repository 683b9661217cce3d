import path from 'node:path';
import { fileURLToPath } from 'node:url';
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
`;

/** How far each part's port lies from the public one. */
const OFFSETS = {
  gateway: 0,
  accounts: 1,
  merchants: 2,
  rewards: 3,
  notifications: 4,
  sandbox: 5,
  smtp: 6,
  postgres: 32,
  kafka: 92,
  kafkaController: 93,
};

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
 * @property {Record<string, string>} overrides settings of the services that the caller gave
 */

/** Settings of services that a caller may set for the whole stack. */
const PASSED_ON = [
  'SIGN_UPS_PER_HOUR',
  'SIGN_INS_PER_HOUR',
  'FAILED_SIGN_INS_PER_15_MINUTES',
  'FAILED_RECIPIENTS_PER_HOUR',
  'CORS_ORIGINS',
  'NODE_ENV',
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
    overrides: Object.fromEntries(overrides),
  };
}
