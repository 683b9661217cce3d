import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import process from 'node:process';
import { publicRing } from '../keys/public-ring.mjs';
import { databaseOf, readSubgraphs } from '../subgraphs.mjs';
import { certificateFiles } from './certificate.mjs';
import { isHeld } from './faults.mjs';
import { identityKeysFor } from '../keys/identity-keys.mjs';
import { currentSecrets } from './secrets.mjs';
import { instancePort, ROOT } from './settings.mjs';

/** The services that keep a database, and so have migrations. */
export const DATA_SERVICES = /** @type {readonly DataServiceName[]} */ (readSubgraphs().map(({ name }) => name));

/** Rates at the door of a stack on one machine: a hundred times what a public door has. */
const EMBEDDED_LIMITS = {
  SIGN_UPS_PER_HOUR: '30000',
  SIGN_INS_PER_HOUR: '300000',
  FAILED_SIGN_INS_PER_15_MINUTES: '10',
  FAILED_CLIENT_SIGN_INS_PER_15_MINUTES: '6000',
};

/** The same for the gateway: units of cost a second and at once. One machine is all the clients there are. */
const EMBEDDED_DOOR = {
  PERSON_RATE: '10000/1000000',
  ANONYMOUS_RATE: '10000/1000000',
  NETWORK_RATE: '200000/10000000',
  BAD_TOKEN_RATE: '1000/30000',
  CONNECTIONS_PER_NETWORK_MAX: '5000',
  LIVE_PER_NETWORK_MAX: '2000',
};

/**
 * @typedef {object} Wiring what the parts must know of each other
 * @property {import('./settings.mjs').Settings} settings
 * @property {import('./secrets.mjs').Secrets} secrets
 * @property {import('./databases.mjs').DatabaseUrls} urls for the roles that use the databases
 * @property {import('./databases.mjs').DatabaseUrls} ownerUrls for the roles that own them
 * @property {import('./bus.mjs').BusChoice} bus
 */

/** @typedef {'accounts' | 'merchants' | 'rewards' | 'notifications'} DataServiceName of the house; an added one is like them */
/** @typedef {DataServiceName | 'gateway' | 'sandbox'} ServiceName */

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

/** What there is one of, however many processes each service has: the outside world. */
const SINGLE = new Set(['sandbox']);

/**
 * The processes of a service: the first has the service's name, the others a number behind it.
 * @param {ServiceName} name
 * @param {import('./settings.mjs').Settings} settings
 * @returns {{ part: string, port: number, instance: number }[]}
 */
export function instancesOf(name, { ports, instances }) {
  return Array.from({ length: SINGLE.has(name) ? 1 : instances }, (_none, index) => ({
    part: index === 0 ? name : `${name}-${index + 1}`,
    port: instancePort(ports, name, index + 1),
    instance: index + 1,
  }));
}

/**
 * The whole environment of a process of a service.
 * @param {ServiceName} name
 * @param {Wiring} wiring
 * @param {number} [instance] from 1
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentOf(name, wiring, instance = 1) {
  const { settings, secrets } = wiring;
  return {
    ...inherited(),
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(instancePort(settings.ports, name, instance)),
    LOG_LEVEL: settings.logLevel,
    // The gateway signs; who is asked has what is signed for it, and no more.
    IDENTITY_KEYS: name === 'gateway' ? secrets.identityKeys : identityKeysFor(secrets.identityKeys, name),
    ...(OWN[name] ?? ownOfAdded(name))(wiring),
    // The door is public: its figures are on a port of their own, the other services' beside their graph.
    ...(name === 'gateway' ? { MANAGEMENT_PORT: String(instancePort(settings.ports, 'management', instance)), ...tlsDoor(settings, instance) } : {}),
    ...failpointsOf(name, wiring, instance),
    ...settings.overrides,
  };
}

/**
 * The environment of a service's migrate program: it alone is given the role that owns the database, and nothing else.
 * @param {DataServiceName} name
 * @param {Pick<Wiring, 'ownerUrls' | 'settings'>} wiring
 * @returns {NodeJS.ProcessEnv}
 */
export function migrationEnvironmentOf(name, { ownerUrls, settings }) {
  const clock = settings.movableClock ? { MOVABLE_CLOCK: 'true' } : {};
  return { ...inherited(), NODE_ENV: 'production', ...clock, ...migrationSecretsOf(name, { ownerUrls }) };
}

/**
 * The secret part of it.
 * @param {DataServiceName} name
 * @param {Pick<Wiring, 'ownerUrls'>} wiring
 * @returns {Record<string, string>}
 */
export function migrationSecretsOf(name, { ownerUrls }) {
  return { DATABASE_URL: ownerUrls[/** @type {keyof typeof ownerUrls} */ (databaseOf(name))] };
}

/**
 * @param {ServiceName} name
 * @param {Wiring} wiring
 * @param {number} instance
 */
function failpointsOf(name, { settings }, instance) {
  if (!settings.failpoints || name === 'sandbox') return {};
  const { part } = /** @type {{ part: string }} */ (instancesOf(name, settings)[instance - 1]);
  const given = process.env['NODE_OPTIONS'] ?? '';
  return {
    FAILPOINTS_ALLOWED: 'true',
    // The gateway has no points; its clock can be wrong like that of any other.
    ...(name === 'gateway' ? {} : { FAILPOINT_FILE: path.join(settings.home, 'failpoints', part) }),
    NODE_OPTIONS: `${given} --require ${JSON.stringify(MOVED_CLOCK)}`.trim(),
    CLOCK_FILE: path.join(settings.home, 'clocks', part),
  };
}

const MOVED_CLOCK = path.join(ROOT, 'scripts', 'stack', 'moved-clock.cjs');

/** The settings of a service that nobody else may read. */
const SECRET =
  /^(DATABASE_URL|BUS_DATABASE_URL|CLOCK_DATABASE_URLS|IDENTITY_KEYS|SEAL_KEYS|TOKEN_SIGNING_KEYS|CARD_FINGERPRINT_KEYS|CARD_PROCESSOR_SECRET|CARD_PROCESSOR_NOTICE_KEYS?|BANK_SIGNING_KEYS|BANK_CLIENT_KEYS|KAFKA_PASSWORD|PARTNER_SUBGRAPH_KEYS|PARTNER_SUBJECT_KEY|VAPID_\w+_KEY)$/;

/**
 * Whether a setting must come by reference wherever settings are written down.
 * @param {string} name
 */
export const isSecret = (name) => SECRET.test(name);

/**
 * The secret part of a service's environment: keys, and addresses with a password.
 * @param {ServiceName} name
 * @param {Pick<Wiring, 'secrets' | 'urls' | 'bus'> & { ports: import('./settings.mjs').Ports }} given
 * @returns {Record<string, string>}
 */
export function secretsOf(name, { ports, ...given }) {
  const settings = /** @type {import('./settings.mjs').Settings} */ ({
    ports,
    instances: 1,
    home: '',
    logLevel: 'info',
    overrides: {},
  });
  const environment = environmentOf(name, /** @type {Wiring} */ ({ ...given, settings }));
  return Object.fromEntries(
    Object.entries(environment).flatMap(([key, value]) => (isSecret(key) && value ? [[key, value]] : [])),
  );
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

/**
 * Where a subgraph answers: one address a process.
 * @param {Wiring} wiring
 * @param {DataServiceName} name
 */
const graphOf = ({ settings }, name) =>
  instancesOf(name, settings)
    .map(({ port }) => `http://127.0.0.1:${port}/graphql`)
    .join(',');

const TOKENS = { TOKEN_ISSUER: 'https://tael.local', TOKEN_AUDIENCE: 'tael' };

/** The contract of partner banks; until something is marked for them there is none, and no door of theirs. */
const PARTNER_SUPERGRAPH = path.join(ROOT, 'partner.supergraph.graphql');

/**
 * Where partner banks find their door: what their tokens are issued by and are for.
 * @param {Wiring} wiring
 */
const partnerDoor = ({ settings }) => ({
  PARTNER_ISSUER: `http://localhost:${settings.ports.gateway}/partner/oauth`,
  PARTNER_AUDIENCE: `http://localhost:${settings.ports.gateway}/partner/graphql`,
});

/**
 * The door for banks that sign in with a certificate, where the stack has one of its own.
 * @param {import('./settings.mjs').Settings} settings
 * @param {number} instance
 */
function tlsDoor(settings, instance) {
  if (!hasTlsDoor(settings)) return {};
  const { home, ports } = settings;
  const { cert, key } = certificateFiles(home);
  return { PARTNER_TLS_PORT: String(instancePort(ports, 'partnerTls', instance)), PARTNER_TLS_CERT_FILE: cert, PARTNER_TLS_KEY_FILE: key };
}

/** @param {import('./settings.mjs').Settings} settings */
const hasTlsDoor = ({ home }) => home !== '' && fs.existsSync(certificateFiles(home).cert) && fs.existsSync(PARTNER_SUPERGRAPH);

/** @type {Record<ServiceName, (wiring: Wiring) => Record<string, string>>} */
const OWN = {
  accounts: (wiring) => ({
    ...shared(wiring),
    ...TOKENS,
    ...partnerDoor(wiring),
    ...(hasTlsDoor(wiring.settings) ? { PARTNER_TLS_ISSUER: `https://localhost:${wiring.settings.ports.partnerTls}/partner/oauth` } : {}),
    ...EMBEDDED_LIMITS,
    // The demo operator signs in with a password alone; `SECOND_FACTOR_ROLES=operator npm start` shows the other way.
    SECOND_FACTOR_ROLES: 'none',
    DATABASE_URL: wiring.urls.tael_accounts,
    TOKEN_SIGNING_KEYS: wiring.secrets.tokenSigningKeys,
    CARD_FINGERPRINT_KEYS: wiring.secrets.cardFingerprintKeys,
    CARD_PROCESSOR_URL: addressOf(wiring, 'sandbox'),
    CARD_PROCESSOR_SECRET: wiring.secrets.cardProcessorSecret,
    CARD_PROCESSOR_NOTICE_KEYS: wiring.secrets.cardProcessorNotices.publicKey,
    BANK_URL: addressOf(wiring, 'sandbox'),
    BANK_SIGNING_KEYS: wiring.secrets.bankSigningKeys,
    PARTNER_SUBJECT_KEY: wiring.secrets.partnerSubjectKey,
  }),
  merchants: (wiring) => ({
    ...shared(wiring),
    DATABASE_URL: wiring.urls.tael_merchants,
    // A receiver of webhooks, and a bank's subgraph, on this machine speak plain HTTP.
    WEBHOOKS_ALLOW_HTTP: 'true',
    // Whoever starts Tael on a machine of their own tries things out; `SANDBOX_PARTNERS=false npm start` shows production's way.
    SANDBOX_PARTNERS: 'true',
  }),
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
    ACCOUNTS_URL: graphOf(wiring, 'accounts'),
    MERCHANTS_URL: graphOf(wiring, 'merchants'),
    REWARDS_URL: graphOf(wiring, 'rewards'),
    NOTIFICATIONS_URL: graphOf(wiring, 'notifications'),
    JWKS_URL: instancesOf('accounts', wiring.settings)
      .map(({ port }) => `http://127.0.0.1:${port}/.well-known/jwks.json`)
      .join(','),
    CORS_ORIGINS: `http://localhost:${wiring.settings.ports.gateway},http://127.0.0.1:${wiring.settings.ports.gateway}`,
    GRAPHIQL: 'true',
    DEVICE_COOKIE_ALLOW_HTTP: 'true',
    ...(fs.existsSync(PARTNER_SUPERGRAPH)
      ? { ...partnerDoor(wiring), PARTNER_SUPERGRAPH_FILE: PARTNER_SUPERGRAPH, PARTNER_INTROSPECTION: 'true' }
      : {}),
    PARTNER_SUBGRAPH_KEYS: wiring.secrets.partnerSubgraphKeys,
    PARTNER_SUBJECT_KEY: wiring.secrets.partnerSubjectKey,
    // A bank on this machine speaks plain HTTP.
    PARTNER_SUBGRAPHS_ALLOW_HTTP: 'true',
    ...EMBEDDED_DOOR,
    SUBGRAPH_URLS: added()
      .map((name) => `${name}=${graphOf(wiring, name)}`)
      .join(' '),
  }),
  sandbox: (wiring) => ({
    DATABASE_URL: wiring.urls.tael_sandbox,
    SMTP_PORT: String(wiring.settings.ports.smtp),
    CARD_PROCESSOR_SECRET: wiring.secrets.cardProcessorSecret,
    CARD_PROCESSOR_NOTICE_KEY: wiring.secrets.cardProcessorNotices.privateKey,
    // Through the one public door, as a processor outside would.
    CARD_NOTICES_URL: `${addressOf(wiring, 'gateway')}/processor/notices`,
    BANK_CLIENT_KEYS: publicRing(wiring.secrets.bankSigningKeys),
    BANK_ADDRESS: addressOf(wiring, 'sandbox'),
    ...(wiring.settings.movableClock ? { MOVABLE_CLOCK: 'true', CLOCK_DATABASE_URLS: clockUrlsOf(wiring) } : {}),
  }),
};

/**
 * The databases that have one time: those of the services.
 * @param {Wiring} wiring
 */
function clockUrlsOf({ urls }) {
  return DATA_SERVICES.map((name) => urls[/** @type {keyof typeof urls} */ (databaseOf(name))]).join(' ');
}

/** The subgraphs that `npm run new-subgraph` added: they have no settings but those that all have. */
const added = () => DATA_SERVICES.filter((name) => !(name in OWN));

/**
 * @param {DataServiceName} name
 * @returns {(wiring: Wiring) => Record<string, string>}
 */
const ownOfAdded = (name) => (wiring) => ({
  ...shared(wiring),
  DATABASE_URL: wiring.urls[/** @type {keyof typeof wiring.urls} */ (databaseOf(name))],
});

/** How early a service stops: the door first, the outside world last. */
const TIERS = { gateway: 4, accounts: 3, merchants: 3, rewards: 3, notifications: 3, sandbox: 2 };

/**
 * On one machine, who pays goes before what may come a moment later: cashback and messages.
 * @type {Partial<Record<string, number>>}
 */
const NICE = { rewards: 15, notifications: 19 };

/**
 * How Node runs a service. What a request makes lives until its answer, and under load that is more than V8's 16 MB for young
 * objects: it copies them twice, then keeps them among the old. With 64 MB a payment takes a tenth less of the processor.
 * The images have the same flags: infra/images/Dockerfile.
 */
export const NODE_FLAGS = ['--enable-source-maps', '--max-semi-space-size=64'];

/**
 * How the supervisor runs the processes of a service.
 * @param {ServiceName} name
 * @param {Wiring} wiring
 * @returns {import('./supervisor.mjs').PartSpec[]}
 */
export function serviceParts(name, wiring) {
  return instancesOf(name, wiring.settings).map(({ part, port, instance }) => ({
    name: part,
    command: process.execPath,
    args: [...NODE_FLAGS, entryOf(name)],
    cwd: folderOf(name),
    // Made anew for each process: one that is started again has the keys of now.
    get env() {
      const { settings, secrets } = wiring;
      return environmentOf(name, { ...wiring, secrets: currentSecrets(settings.home, secrets) }, instance);
    },
    user: undefined,
    log: path.join(wiring.settings.home, 'logs', `${part}.log`),
    tier: TIERS[name] ?? TIERS.accounts,
    held: () => isHeld(wiring.settings.home, part),
    probe: () => isReady(port),
    // Where faults are made, who is slow must not be slow because others do something else.
    nice: wiring.settings.failpoints ? 0 : (NICE[name] ?? 0),
    // A service ends what is under way within 30 seconds.
    stopTimeoutMs: 35_000,
  }));
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
