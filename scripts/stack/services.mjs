import http from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { ROOT } from './settings.mjs';

/** The services that keep a database, and so have migrations. */
export const DATA_SERVICES = /** @type {const} */ (['accounts', 'merchants', 'rewards', 'notifications']);

/** Rates at the door of a stack on one machine: a hundred times what a public door has. */
const EMBEDDED_LIMITS = {
  SIGN_UPS_PER_HOUR: '30000',
  SIGN_INS_PER_HOUR: '300000',
  FAILED_SIGN_INS_PER_15_MINUTES: '10',
};

/**
 * @typedef {object} Wiring what the parts must know of each other
 * @property {import('./settings.mjs').Settings} settings
 * @property {import('./secrets.mjs').Secrets} secrets
 * @property {import('./databases.mjs').DatabaseUrls} urls
 * @property {import('./bus.mjs').BusChoice} bus
 */

/** @typedef {typeof DATA_SERVICES[number] | 'gateway' | 'sandbox'} ServiceName */

/**
 * All that the supervisor runs besides Postgres and the broker.
 * @type {readonly ServiceName[]}
 */
export const SERVICES = ['sandbox', ...DATA_SERVICES, 'gateway'];

/** @param {ServiceName} name */
const folderOf = (name) => path.join(ROOT, name === 'sandbox' ? 'infra' : 'services', name);

/**
 * The entry of a service's program.
 * @param {ServiceName} name
 * @param {string} [program]
 */
export const entryOf = (name, program = 'main') => path.join(folderOf(name), 'dist', `${program}.js`);

/**
 * The whole environment of a service.
 * @param {ServiceName} name
 * @param {Wiring} wiring
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentOf(name, wiring) {
  const { settings, secrets } = wiring;
  return {
    ...inherited(),
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(settings.ports[name]),
    LOG_LEVEL: settings.logLevel,
    IDENTITY_KEYS: secrets.identityKeys,
    ...OWN[name](wiring),
    ...settings.overrides,
  };
}

/** What every process may have of ours. */
function inherited() {
  const names = ['PATH', 'HOME', 'TZ', 'LANG', 'NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'SystemRoot'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** @param {Wiring} wiring */
function shared({ secrets, urls, bus }) {
  const where = bus.kind === 'kafka' ? { KAFKA_BROKERS: bus.brokers } : { BUS_DATABASE_URL: urls.tael_bus };
  return { EVENT_BUS: bus.kind, ...where, SEAL_KEYS: secrets.sealKeys, KAFKAJS_NO_PARTITIONER_WARNING: '1' };
}

/**
 * @param {Wiring} wiring
 * @param {keyof import('./settings.mjs').Ports} part
 */
const addressOf = (wiring, part) => `http://127.0.0.1:${wiring.settings.ports[part]}`;

const TOKENS = { TOKEN_ISSUER: 'https://tael.local', TOKEN_AUDIENCE: 'tael' };

/** @type {Record<ServiceName, (wiring: Wiring) => Record<string, string>>} */
const OWN = {
  accounts: (wiring) => ({
    ...shared(wiring),
    ...TOKENS,
    ...EMBEDDED_LIMITS,
    DATABASE_URL: wiring.urls.tael_accounts,
    TOKEN_SIGNING_KEYS: wiring.secrets.tokenSigningKeys,
    CARD_FINGERPRINT_KEY: wiring.secrets.cardFingerprintKey,
    CARD_PROCESSOR_URL: addressOf(wiring, 'sandbox'),
    CARD_PROCESSOR_SECRET: wiring.secrets.cardProcessorSecret,
  }),
  merchants: (wiring) => ({ ...shared(wiring), DATABASE_URL: wiring.urls.tael_merchants }),
  rewards: (wiring) => ({ ...shared(wiring), DATABASE_URL: wiring.urls.tael_rewards }),
  notifications: (wiring) => ({
    ...shared(wiring),
    DATABASE_URL: wiring.urls.tael_notifications,
    SMTP_URL: `smtp://127.0.0.1:${wiring.settings.ports.smtp}`,
    MAIL_FROM: 'Tael <no-reply@tael.example>',
    VAPID_SUBJECT: 'mailto:push@tael.example',
    VAPID_PUBLIC_KEY: wiring.secrets.vapid.publicKey,
    VAPID_PRIVATE_KEY: wiring.secrets.vapid.privateKey,
    // The sandbox's push service speaks plain HTTP, and only on this machine.
    PUSH_ALLOW_HTTP: 'true',
  }),
  gateway: (wiring) => ({
    ...TOKENS,
    SUPERGRAPH_FILE: path.join(ROOT, 'supergraph.graphql'),
    ACCOUNTS_URL: `${addressOf(wiring, 'accounts')}/graphql`,
    MERCHANTS_URL: `${addressOf(wiring, 'merchants')}/graphql`,
    REWARDS_URL: `${addressOf(wiring, 'rewards')}/graphql`,
    NOTIFICATIONS_URL: `${addressOf(wiring, 'notifications')}/graphql`,
    JWKS_URL: `${addressOf(wiring, 'accounts')}/.well-known/jwks.json`,
    CORS_ORIGINS: `http://localhost:${wiring.settings.ports.gateway},http://127.0.0.1:${wiring.settings.ports.gateway}`,
    GRAPHIQL: 'true',
  }),
  sandbox: (wiring) => ({
    DATABASE_URL: wiring.urls.tael_sandbox,
    SMTP_PORT: String(wiring.settings.ports.smtp),
    CARD_PROCESSOR_SECRET: wiring.secrets.cardProcessorSecret,
  }),
};

/** How early a service stops: the door first, the outside world last. */
const TIERS = { gateway: 4, accounts: 3, merchants: 3, rewards: 3, notifications: 3, sandbox: 2 };

/**
 * How the supervisor runs a service.
 * @param {ServiceName} name
 * @param {Wiring} wiring
 * @returns {import('./supervisor.mjs').PartSpec}
 */
export function servicePart(name, wiring) {
  return {
    name,
    command: process.execPath,
    args: ['--enable-source-maps', entryOf(name)],
    cwd: folderOf(name),
    env: environmentOf(name, wiring),
    user: undefined,
    log: path.join(wiring.settings.home, 'logs', `${name}.log`),
    tier: TIERS[name],
    probe: () => isReady(wiring.settings.ports[name]),
    stopTimeoutMs: 15_000,
  };
}

/**
 * Resolves where a service says that it is ready; its error has the causes.
 * @param {number} port
 * @returns {Promise<void>}
 */
function isReady(port) {
  return new Promise((resolve, reject) => {
    const request = http.get({ port, host: '127.0.0.1', path: '/ready', timeout: 3_000, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`/ready says ${response.statusCode}: ${body.slice(0, 500)}`));
      });
    });
    request.on('timeout', () => request.destroy(new Error('/ready did not answer within 3 s')));
    request.on('error', reject);
  });
}
