#!/usr/bin/env node
// Prepares given engines for the services of docker-compose.yml or of a cluster: keys, roles, databases, topics.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ensureTopics } from './stack/bus.mjs';
import { ensureDatabases } from './stack/databases.mjs';
import { Problem } from './stack/problem.mjs';
import { loadSecrets } from './stack/secrets.mjs';
import { secretsOf, SERVICES } from './stack/services.mjs';
import { portsFrom } from './stack/settings.mjs';

const HELP = `Prepares engines for the services: node scripts/set-up.mjs --keys <folder> [--owner accounts=10001 …]

  --keys <folder>       where the keys are kept (secrets.json), and one file a service with its secret settings
                        (accounts.env, …), each readable by its owner alone; made once, the same at every later run
  --owner name=uid      whom a service's file is given to; needs root
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
  const { urls, created } = await databases(adminUrl, secrets, values['keys-only']);
  if (!values['keys-only']) {
    const topics = await ensureTopics(bus, urls.tael_bus);
    process.stdout.write(`${created} databases made, ${topics} topics are there\n`);
  }
  const owners = new Map(values.owner.map((entry) => /** @type {[string, string]} */ (entry.split('='))));
  for (const name of SERVICES) {
    const file = path.join(folder, `${name}.env`);
    writeEnvFile(file, secretsOf(name, { secrets, urls, bus, ports: portsFrom(4_000) }));
    const owner = owners.get(name);
    if (owner !== undefined) fs.chownSync(file, Number(owner), Number(owner));
    process.stdout.write(`${file}\n`);
  }
}

/**
 * @param {string} adminUrl
 * @param {import('./stack/secrets.mjs').Secrets} secrets
 * @param {boolean} keysOnly
 */
async function databases(adminUrl, secrets, keysOnly) {
  if (!keysOnly) return ensureDatabases(adminUrl, secrets.databasePasswords);
  const { urlsOf } = await import('./stack/databases.mjs');
  return { urls: urlsOf(adminUrl, secrets.databasePasswords), created: 0 };
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
  process.stderr.write(error instanceof Problem ? `${error.message}\n${error.advice ?? ''}\n` : `${error.stack}\n`);
  process.exit(1);
});
