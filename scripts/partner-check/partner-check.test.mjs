import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { runCommand } from '../stack/commands.mjs';
import { ROOT } from '../stack/settings.mjs';
import { addressFinding } from './address.mjs';

const run = promisify(execFile);
const COMMAND = path.join(ROOT, 'scripts', 'partner-check.mjs');
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-partner-check-'));
/** @type {typeof import('@tael/platform/egress')} */
let egress;
before(async () => {
  const turbo = path.join(ROOT, 'node_modules', '.bin', 'turbo');
  await runCommand(turbo, ['run', 'build', '--filter=@tael/platform', '--output-logs=errors-only'], { title: 'The build', log: path.join(home, 'build.log'), cwd: ROOT });
  egress = await import('@tael/platform/egress');
});
after(() => fs.rmSync(home, { recursive: true, force: true }));

/** The rules as they are, with names that lead where the test says. @param {string[]} addresses */
const worldOf = (addresses) => ({
  ...egress,
  publicLookup: egress.publicLookupBy((_host, _options, done) =>
    addresses.length === 0
      ? done(new Error('getaddrinfo ENOTFOUND'), [])
      : done(null, addresses.map((address) => ({ address, family: net.isIP(address) }))),
  ),
});

for (const [url, local, leadsTo, expected] of /** @type {const} */ ([
  ['https://bank.example/graphql', false, ['93.184.216.34'], undefined],
  ['https://bank.example:8443/graphql', false, ['93.184.216.34'], undefined],
  ['https://93.184.216.34/graphql', false, ['93.184.216.34'], undefined],
  ['http://127.0.0.1:4100/graphql', true, [], undefined],
  ['http://localhost:4100/graphql', true, [], undefined],
  ['http://127.0.0.1:4100/graphql', false, [], /not https.*null for everybody.*--local/],
  ['http://bank.example/graphql', false, [], /not https/],
  ['http://bank.example/graphql', true, [], /not https/],
  ['https://127.0.0.1/graphql', false, [], /no public host.*--local/],
  ['https://10.1.2.3/graphql', false, [], /no public host/],
  ['https://10.1.2.3/graphql', true, [], /no public host/],
  ['https://169.254.169.254/graphql', false, [], /no public host/],
  ['https://bank.internal/graphql', false, [], /good in one network alone/],
  ['https://bank.example:9443/graphql', false, ['93.184.216.34'], /port is none that Tael calls: 443 and 8443 are/],
  ['https://bank:secret@bank.example/graphql', false, ['93.184.216.34'], /a password/],
  ['https://bank.example/graphql', false, ['93.184.216.34', '10.0.0.7'], /leads to a private address/],
  ['https://bank.example/graphql', false, [], /leads nowhere/],
])) {
  test(`${url}${local ? ' --local' : ''}, which leads to ${leadsTo.join(' and ') || 'nowhere'}: ${expected ?? 'may be called'}`, async () => {
    const { problems } = await addressFinding(url, { local, egress: worldOf([...leadsTo]) });
    if (expected === undefined) return assert.deepEqual(problems, []);
    assert.equal(problems.length, 1);
    assert.match(String(problems[0]), expected);
  });
}

test('a bank on loopback is not told that it is ready, but for a stack on its own machine', { timeout: 240_000 }, async (t) => {
  const key = path.join(home, 'key.pem');
  const { stdout: pem } = await run(process.execPath, [COMMAND, '--public-key', '--key', key], { cwd: ROOT });
  const port = await freePort();
  const bank = spawn(process.execPath, [path.join(ROOT, 'examples', 'partner-bank', 'subgraph', 'server.js')], {
    env: { PATH: process.env.PATH, PORT: String(port), TAEL_KEY_ID: 'partner-check', TAEL_PUBLIC_KEY: pem }, stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => bank.kill());
  await once(bank.stdout, 'data');
  /** @param {string[]} options */
  const check = (...options) =>
    run(process.execPath, [COMMAND, `http://127.0.0.1:${port}/graphql`, '--slug', 'nordbank', '--key', key, ...options], { cwd: ROOT }).then(
      ({ stdout }) => ({ code: 0, stdout }),
      (error) => ({ code: error.code, stdout: error.stdout }),
    );
  const plain = await check();
  assert.equal(plain.code, 1, plain.stdout);
  assert.match(plain.stdout, /✗ Tael would call this address\n.*not https.*\n✓ It tells its schema[^]*One thing is not as they must be\./);
  const local = await check('--local');
  assert.equal(local.code, 0, local.stdout);
  assert.match(local.stdout, /ready for a stack on this machine/);
  assert.doesNotMatch(local.stdout, /✗|subgraph is ready\.\n/);
});

/** @returns {Promise<number>} */
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}
