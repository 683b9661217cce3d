import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { certificateFiles } from '../scripts/stack/certificate.mjs';
import { secretsOf } from '../scripts/stack/services.mjs';
import { urlsOf } from '../scripts/stack/databases.mjs';
import { loadSecrets } from '../scripts/stack/secrets.mjs';
import { portsFrom } from '../scripts/stack/settings.mjs';
import { lint, linterLack } from './checks/linters.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FILE = path.join(ROOT, 'docker-compose.yml');
const compose = parse(fs.readFileSync(FILE, 'utf8'), { merge: true });
const lack = await linterLack();

/** @type {import('../scripts/stack/services.mjs').ServiceName[]} */
const OURS = ['accounts', 'merchants', 'rewards', 'notifications', 'gateway', 'sandbox'];
const FOLDERS = { sandbox: 'infra/sandbox' };

it('docker-compose.yml is what the specification allows', { skip: lack }, async () => {
  // Merged as the engine merges it: the schema knows no merge keys.
  const merged = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'tael-compose-')), 'compose.json');
  fs.writeFileSync(merged, JSON.stringify(compose));
  const { status, output } = await lint('check-jsonschema', ['--builtin-schema', 'vendor.compose-spec', merged]);
  fs.rmSync(path.dirname(merged), { recursive: true });
  assert.equal(status, 0, output);
});

it('the schema refuses what is no compose file', { skip: lack }, async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-compose-'));
  fs.writeFileSync(path.join(folder, 'compose.json'), JSON.stringify({ services: { gateway: { imagee: 'x' } } }));
  const { status } = await lint('check-jsonschema', ['--builtin-schema', 'vendor.compose-spec', path.join(folder, 'compose.json')]);
  fs.rmSync(folder, { recursive: true });
  assert.notEqual(status, 0);
});

it('what a service waits for, mounts and joins is there', () => {
  for (const [name, service] of Object.entries(compose.services)) {
    for (const other of Object.keys(service.depends_on ?? {})) assert.ok(compose.services[other], `${name} waits for ${other}`);
    for (const network of service.networks) assert.ok(network in compose.networks, `${name} joins ${network}`);
    for (const volume of service.volumes ?? []) assert.ok(volume.split(':')[0] in compose.volumes, `${name} mounts ${volume}`);
  }
});

it('each address that is told outside is one that is published, by whoever answers there', () => {
  /** What is behind a port of the host: plain http, or TLS. @param {URL} url */
  const inside = (url) => (url.protocol === 'https:' ? compose.services.gateway.environment.PARTNER_TLS_PORT : '8080');
  /** @param {string} url */
  const ownerOf = (url) => Object.entries(compose.services)
    .filter(([, { ports = [] }]) => ports.some((/** @type {string} */ port) => port === `127.0.0.1:${new URL(url).port}:${inside(new URL(url))}`));
  const told = OURS.flatMap((name) => Object.entries(compose.services[name].environment).map(([key, url]) => ({ name, key, url })))
    .filter(({ url }) => /^https?:\/\/localhost[:/]/.test(url));
  const notifications = told.filter(({ key }) => key === 'UNSUBSCRIBE_URL');
  assert.deepEqual(notifications.map(({ name, url }) => [name, new URL(url).pathname]), [['notifications', '/unsubscribe']]);
  assert.ok(told.length >= 7, `only ${told.length} were found`);
  for (const { key, url } of told) {
    const [[owner, service] = [], ...others] = ownerOf(url);
    assert.deepEqual([owner, others], [key === 'UNSUBSCRIBE_URL' ? 'notifications' : 'gateway', []], `${key} ${url}`);
    // A port of a service that has the inner network alone is not reached from the host.
    assert.ok(service.networks.includes('outside'), owner);
  }
});

it('the bank knows itself by the address at which accounts asks it: signatures are for that one', () => {
  const { accounts, sandbox } = compose.services;
  assert.equal(sandbox.environment.BANK_ADDRESS, accounts.environment.BANK_URL);
});

it("the partners' door with TLS has a certificate that set-up makes, and accounts tells its address", () => {
  const { accounts, gateway, 'set-up': setUp } = compose.services;
  const { PARTNER_TLS_PORT: port, PARTNER_TLS_CERT_FILE: cert, PARTNER_TLS_KEY_FILE: key } = gateway.environment;
  assert.deepEqual({ cert, key }, certificateFiles('/keys'));
  assert.ok(setUp.command.includes('--certificate'));
  for (const service of [gateway, setUp]) assert.ok(service.volumes.some((/** @type {string} */ entry) => entry.startsWith('keys:/keys')));
  // The key is for the user of the gateway alone.
  assert.ok(setUp.command.includes(`--owner=gateway=${gateway.user.split(':')[0]}`));
  // Users without rights listen above 1023.
  assert.ok(Number(port) > 1_023 && port !== '8080' && port !== gateway.environment.MANAGEMENT_PORT);
  const url = new URL(accounts.environment.PARTNER_TLS_ISSUER);
  assert.deepEqual([url.protocol, url.pathname], ['https:', new URL(accounts.environment.PARTNER_ISSUER).pathname]);
  // The same as that of `npm start`.
  assert.equal(Number(url.port), portsFrom(4_000).partnerTls);
});

for (const [name, setting, folder] of [['kafka', 'KAFKA_LOG_DIRS', ''], ['postgres', 'PGDATA', '/18/docker']]) {
  it(`what ${name} keeps outlives its container: ${setting} lies in its volume`, () => {
    const { image, environment, volumes } = compose.services[name];
    const [[volume, mount], ...others] = volumes.map((/** @type {string} */ entry) => entry.split(':'));
    assert.deepEqual([volume, others], [name, []]);
    // The default of the image of Kafka is a folder of the container's own.
    assert.equal(environment[setting], `${mount}${folder}`);
    if (name === 'postgres') assert.match(image, /^postgres:18\./);
  });
}

for (const [name, service] of Object.entries(compose.services).filter(([, entry]) => entry.build)) {
  it(`${name} runs with a read-only root, without capabilities, and builds from the Dockerfile`, () => {
    assert.equal(service.read_only, true);
    assert.deepEqual(service.cap_drop, ['ALL']);
    assert.deepEqual(service.security_opt, ['no-new-privileges:true']);
    assert.ok(fs.existsSync(path.join(ROOT, service.build.context, service.build.dockerfile)));
    if (name !== 'set-up') assert.match(service.user, /^[1-9]\d{4}:[1-9]\d{4}$/);
  });
}

for (const name of ['accounts', 'merchants', 'rewards', 'notifications']) {
  it(`A30: ${name} cannot read the file that opens its database as its owner`, () => {
    const { [name]: service, [`${name}-migrations`]: migrations, 'set-up': setUp } = compose.services;
    assert.notEqual(migrations.user, service.user);
    assert.deepEqual(migrations.command, [`--env-file=/keys/${name}-migrations.env`, 'dist/migrate.js']);
    assert.ok(setUp.command.includes(`--owner=${name}-migrations=${migrations.user.split(':')[0]}`));
    assert.ok(setUp.command.includes(`--owner=${name}=${service.user.split(':')[0]}`));
  });
}

describe('settings', { concurrency: 2 }, () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-compose-'));
  const secrets = loadSecrets(home);
  fs.rmSync(home, { recursive: true });
  const { urls } = urlsOf('postgres://postgres:tael@postgres:5432/postgres', secrets.databasePasswords);
  /** @type {import('../scripts/stack/bus.mjs').BusChoice} */
  const bus = { kind: 'kafka', embedded: false, brokers: 'kafka:9092', reason: '' };

  for (const name of OURS) {
    it(`${name} takes what docker-compose.yml and its file of keys give it`, async () => {
      const env = {
        NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '8080', SUPERGRAPH_FILE: path.join(ROOT, 'supergraph.graphql'),
        PARTNER_SUPERGRAPH_FILE: path.join(ROOT, 'partner.supergraph.graphql'),
        ...compose.services[name].environment, ...secretsOf(name, { secrets, urls, bus, ports: portsFrom(4_000) }),
      };
      assert.equal(await refusesSettings(name, env), '');
      delete env[name === 'gateway' ? 'JWKS_URL' : 'DATABASE_URL'];
      assert.match(await refusesSettings(name, env), name === 'gateway' ? /JWKS_URL/ : /DATABASE_URL/);
    });
  }
});

/** So long a program may take to say anything at all, on a machine that has other work too. */
const PATIENCE_MS = 60_000;

/**
 * Gives what a service says about unusable settings; nothing where it goes on to look for its engines.
 * @param {keyof typeof FOLDERS | string} name
 * @param {Record<string, string>} env
 * @returns {Promise<string>}
 */
function refusesSettings(name, env) {
  const folder = path.join(ROOT, /** @type {Record<string, string>} */ (FOLDERS)[name] ?? `services/${name}`);
  // Ports of this machine's choice: the test must not meet what else runs here.
  const others = Object.fromEntries(['SMTP_PORT', 'PARTNER_TLS_PORT'].filter((key) => env[key]).map((key) => [key, '0']));
  const ports = { HOST: '127.0.0.1', PORT: '0', MANAGEMENT_PORT: '0', ...others };
  const child = spawn(process.execPath, ['dist/main.js'], { cwd: folder, env: { PATH: process.env['PATH'], ...env, ...ports } });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  return new Promise((resolve) => {
    let isSilent = false;
    const patience = setTimeout(() => {
      isSilent = true;
      child.kill('SIGKILL');
    }, PATIENCE_MS);
    child.once('close', (status) => {
      clearTimeout(patience);
      if (isSilent) resolve(`said nothing within ${PATIENCE_MS} ms`);
      else resolve(status === 78 ? said : '');
    });
    child.stdout.on('data', () => child.kill('SIGKILL'));
  });
}
