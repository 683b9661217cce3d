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
const GOOD = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
type Query { nordbank: NordbankBank }
type NordbankBank { name: String! }
type Wallet @key(fields: "id") { id: ID!, nordbankScore: Int }
`;
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
  const check = (/** @type {string[]} */ ...options) => checked(`http://127.0.0.1:${port}/graphql`, '--key', key, ...options);
  const plain = await check();
  assert.equal(plain.code, 1, plain.stdout);
  assert.match(plain.stdout, /✗ Tael would call this address\n.*not https.*\n✓ It tells its schema[^]*✓ Its names are made of nordbank, as Query\.nordbank says\n[^]*One thing is not as they must be\./);
  const local = await check('--local');
  assert.equal(local.code, 0, local.stdout);
  assert.match(local.stdout, /ready for a stack on this machine/);
  assert.doesNotMatch(local.stdout, /✗|subgraph is ready\.\n/);
  // What is said counts: a bank may mean another slug than its names say, and must hear it.
  const said = await check('--local', '--slug', 'sudbank');
  assert.equal(said.code, 1, said.stdout);
  assert.match(said.stdout, /ROOT_FIELD at Query\.nordbank: The only root field is `sudbank`/);
  assert.doesNotMatch(said.stdout, /names are made of/);
});

for (const [what, sdl, options, code, expected] of /** @type {const} */ ([
  ['a schema that says its slug', GOOD, [], 0, /^✓ Its names are made of nordbank, as Query\.nordbank says\n✓ The schema keeps the policy[^]*ready\.\n$/],
  ['the same with its slug', GOOD, ['--slug', 'nordbank'], 0, /^✓ The schema keeps the policy[^]*ready\.\n$/],
  ['a schema that breaks a rule', GOOD.replace('nordbankScore: Int', 'score: Int'), [], 1, /✓ Its names are made of nordbank[^]*✗ The schema keeps[^]*FIELD_NAME at Wallet\.score/],
  ['names of two banks', GOOD.replaceAll('Query { nordbank', 'Query { sudbank').replace('nordbankScore', 'creditScore'), [], 1,
    /^✗ Its names say what slug they are made of\n {4}its names begin with no one word: Query\.sudbank, NordbankBank, Wallet\.creditScore\. Say the slug with --slug[^\n]*\nOne thing is not as/],
  ['the same with its slug', GOOD.replaceAll('Query { nordbank', 'Query { sudbank').replace('nordbankScore', 'creditScore'), ['--slug', 'nordbank'], 1, /ROOT_FIELD at Query\.sudbank[^]*FIELD_NAME at Wallet\.creditScore/],
])) {
  test(`${what}${options.map((option) => ` ${option}`).join('')}: exit status ${code}`, { timeout: 240_000 }, async () => {
    const file = path.join(home, 'schema.graphql');
    fs.writeFileSync(file, sdl);
    const { stdout, code: ended } = await checked('--sdl', file, '--key', path.join(home, 'sdl.pem'), ...options);
    assert.match(stdout, expected);
    assert.equal(ended, code);
  });
}

test('without an address, a schema or a question it says how it is called: exit status 2', async () => {
  const { code, stderr } = await checked('--key', path.join(home, 'none.pem'));
  assert.equal(code, 2);
  assert.match(stderr, /npm run partner:check -- <address>\n/);
});

/** Runs the command. @param {string[]} options */
function checked(...options) {
  return run(process.execPath, [COMMAND, ...options], { cwd: ROOT }).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error) => ({ code: error.code, stdout: String(error.stdout), stderr: String(error.stderr) }),
  );
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}
