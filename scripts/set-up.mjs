#!/usr/bin/env node
// Prepares given engines for the services of docker-compose.yml or of a cluster: keys, roles, databases, topics.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensureTopics } from './stack/bus.mjs';
import { certificateFiles, ensureCertificate } from './stack/certificate.mjs';
import { DATABASES, ensureDatabases, urlsOf } from './stack/databases.mjs';
import { Problem, tellWhy } from './stack/problem.mjs';
import { loadSecrets } from './stack/secrets.mjs';
import { DATA_SERVICES, migrationSecretsOf, secretsOf, SERVICES } from './stack/services.mjs';
import { portsFrom } from './stack/settings.mjs';
import { ownerOf } from './subgraphs.mjs';

const HELP = `Prepares engines for the services: node scripts/set-up.mjs --keys <folder> [--owner accounts=10001 …]

  --keys <folder>       where the keys are kept (secrets.json), one file a service with its secret settings
                        (accounts.env, …), one a service's migrations (accounts-migrations.env, …), and one a database
                        role with name and password (roles/tael_accounts.env, …), each readable by its owner alone;
                        made once, the same at every later run
  --owner name=uid      whom a file is given to (accounts=10001, accounts-migrations=10011); needs root
  --certificate         makes the certificate of the partners' door with TLS, too (partner-tls.pem, partner-tls.key):
                        self-signed, for localhost; its key is given to whom the gateway's file is given
  --keys-only           no roles, databases and topics: only the files
  --help                this text

Environment:
  DATABASE_URL=…        a Postgres server; the user must be able to create databases and roles
  KAFKA_BROKERS=…       host:port[,host:port]
`;

/** @param {string | undefined} value @param {string} name */
function needed(value, name) {
  if (value) return value;
  throw new Problem(`${name} is not given.`, 'node scripts/set-up.mjs --help says what it is.');
}

async function main() {
  const { values } = parseArgs({
    options: {
      keys: { type: 'string' },
      owner: { type: 'string', multiple: true, default: [] },
      certificate: { type: 'boolean', default: false },
      'keys-only': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const folder = path.resolve(needed(values.keys, '--keys'));
  const adminUrl = needed(process.env['DATABASE_URL'], 'DATABASE_URL');
  const brokers = needed(process.env['KAFKA_BROKERS'], 'KAFKA_BROKERS');
  const secrets = loadSecrets(folder);
  /** @type {import('./stack/bus.mjs').BusChoice} */
  const bus = { kind: 'kafka', embedded: false, brokers, reason: 'the brokers of KAFKA_BROKERS' };
  const { urls, ownerUrls, created } = await databases(adminUrl, secrets, values['keys-only']);
  if (!values['keys-only']) {
    const topics = await ensureTopics(bus, ownerUrls.tael_bus);
    process.stdout.write(`${created} databases made, ${topics} topics are there\n`);
  }
  const owners = new Map(values.owner.map((entry) => /** @type {[string, string]} */ (entry.split('='))));
  const files = Object.fromEntries([
    ...SERVICES.map((name) => [name, secretsOf(name, { secrets, urls, bus, ports: portsFrom(4_000) })]),
    ...DATA_SERVICES.map((name) => [`${name}-migrations`, migrationSecretsOf(name, { ownerUrls })]),
    ...roleFiles(secrets.databasePasswords),
  ]);
  fs.mkdirSync(path.join(folder, 'roles'), { recursive: true, mode: 0o700 });
  for (const [name, variables] of Object.entries(files)) {
    const file = path.join(folder, `${name}.env`);
    writeEnvFile(file, variables);
    give(file, owners.get(name));
  }
  if (!values.certificate) return;
  ensureCertificate(folder);
  for (const file of Object.values(certificateFiles(folder))) give(file, owners.get('gateway'));
}

/**
 * Gives a file to its owner where one is told, and says where it is.
 * @param {string} file
 * @param {string | undefined} owner
 */
function give(file, owner) {
  if (owner !== undefined) fs.chownSync(file, Number(owner), Number(owner));
  process.stdout.write(`${file}\n`);
}

/**
 * Name and password of each database role, for an operator of Postgres that makes roles itself.
 * @param {Record<string, string>} passwords
 * @returns {[string, Record<string, string>][]}
 */
function roleFiles(passwords) {
  const roles = new Set(DATABASES.flatMap((name) => [name, ownerOf(name)]));
  return [...roles].map((role) => [`roles/${role}`, { username: role, password: passwords[role] ?? '' }]);
}

/**
 * @param {string} adminUrl
 * @param {import('./stack/secrets.mjs').Secrets} secrets
 * @param {boolean} keysOnly
 */
async function databases(adminUrl, secrets, keysOnly) {
  if (!keysOnly) return ensureDatabases(adminUrl, secrets.databasePasswords);
  return { ...urlsOf(adminUrl, secrets.databasePasswords), created: 0 };
}

/**
 * Writes variables as `node --env-file` and `kubectl create secret --from-env-file` both read them: bare. Whole or not at all.
 * @param {string} file
 * @param {Record<string, string>} variables
 */
function writeEnvFile(file, variables) {
  const lines = Object.entries(variables).map(([name, value]) => {
    if (/^['"`\s]|[#\n]|\s$/.test(value)) throw new Problem(`${name} cannot be written into a file of variables.`);
    return `${name}=${value}\n`;
  });
  const draft = `${file}.new`;
  fs.rmSync(draft, { force: true });
  fs.writeFileSync(draft, lines.join(''), { mode: 0o400 });
  fs.renameSync(draft, file);
}

main().catch((error) => {
  tellWhy(error);
  process.exit(1);
});
