import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findBase } from '../stack/ports.mjs';
import { portsFrom, ROOT } from '../stack/settings.mjs';
import { startOwnSeconds } from './own-seconds.mjs';
import { copyTree, filesOf, linkJars } from './tree-copy.mjs';

const START_TIMEOUT_MS = 180_000;
/** From the command to the answer, on a machine that does nothing else: what others take of the processors meanwhile is taken off. */
const A_MINUTE = 60;

/** @param {string} folder */
function sumsOf(folder) {
  const sum = (/** @type {string} */ file) =>
    createHash('sha256')
      .update(fs.readFileSync(path.join(folder, file)))
      .digest('hex');
  return Object.fromEntries(filesOf(folder).map((file) => [file, sum(file)]));
}

/** @type {string} */
let copy;
/** @type {import('node:child_process').ChildProcess | undefined} */
let stack;

const git = (/** @type {string[]} */ ...args) => execFileSync('git', args, { cwd: copy, encoding: 'utf8' });

before(() => {
  copy = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-new-subgraph-'));
  // The embedded Postgres runs as a user of its own, who must be able to come here.
  fs.chmodSync(copy, 0o755);
  copyTree(copy, { withBuilds: true });
  linkJars(copy);
  git('init', '--quiet');
  git('add', '.');
  git(
    '-c',
    'user.name=Test',
    '-c',
    'user.email=test@tael.example',
    'commit',
    '--quiet',
    '--no-verify',
    '-m',
    'As it is',
  );
});
after(async () => {
  await stop();
  fs.rmSync(copy, { recursive: true, force: true });
});

const environment = () => {
  const { DATABASE_URL, KAFKA_BROKERS, npm_lifecycle_event: npm, ...env } = process.env;
  return env;
};

/** @param {string[]} args */
const program = (...args) =>
  promisify(execFile)(process.execPath, [path.join(copy, 'scripts', 'new-subgraph.mjs'), ...args], {
    cwd: copy,
    env: environment(),
  });

/** Starts the stack of the copy, on the bus that EVENT_BUS names, and gives the address of its gateway. */
async function start() {
  const home = path.join(copy, '.tael');
  const base = await findBase(portsFrom);
  let output = '';
  stack = spawn(process.execPath, [path.join(copy, 'scripts', 'start.mjs'), '--no-seed'], {
    cwd: copy,
    env: { ...environment(), TAEL_HOME: home, TAEL_PORT: String(base) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [stack.stdout, stack.stderr]) stream?.on('data', (text) => (output += text));
  const until = performance.now() + START_TIMEOUT_MS;
  while (!fs.existsSync(path.join(home, 'demo.json'))) {
    if (stack.exitCode !== null || performance.now() > until) throw new Error(`the stack did not come up:\n${output}`);
    await sleep(100);
  }
  return `http://127.0.0.1:${base}/graphql`;
}

async function stop() {
  if (!stack || stack.exitCode !== null || stack.signalCode !== null) return;
  const gone = new Promise((resolve) => stack?.once('exit', resolve));
  stack.kill('SIGTERM');
  await gone;
}

/**
 * @param {string} url
 * @param {{ query: string, variables?: object, token?: string }} request
 */
async function ask(url, { query, variables = {}, token }) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.deepEqual(errors ?? [], []);
  return data;
}

/** @param {string} url */
async function signUp(url) {
  const query =
    'mutation ($input: SignUpInput!) { signUp(input: $input) { session { accessToken } userErrors { code } } }';
  const email = `p-${randomUUID()}@new.tael.example`;
  const input = { email, password: `pass-${randomUUID()}`, displayName: 'Ada Example', currency: 'USD' };
  return (await ask(url, { query, variables: { input } })).signUp.session.accessToken;
}

const ALL = '{ loyaltyCards(first: 10) { edges { node { id label origin } } } }';

/**
 * What the consumer made of the sign-up, once it has come.
 * @param {string} url
 * @param {string} token
 */
async function welcomed(url, token) {
  const until = performance.now() + 20_000;
  for (;;) {
    const { loyaltyCards } = await ask(url, { query: ALL, token });
    if (loyaltyCards.edges.length || performance.now() > until)
      return loyaltyCards.edges.map((/** @type {any} */ edge) => edge.node);
    await sleep(100);
  }
}

test('a new subgraph is made, answers through the gateway, hears events, and leaves no trace when it is removed', async (t) => {
  const sums = sumsOf(copy);
  const links = fs.readdirSync(path.join(copy, 'node_modules', '@tael'));
  let made = { passed: 0, own: 0 };

  await t.test('it is made', async () => {
    const seconds = startOwnSeconds();
    const { stdout } = await program('loyalty-cards');
    made = seconds();
    assert.match(stdout, /npm start/);
    assert.match(fs.readFileSync(path.join(copy, 'supergraph.graphql'), 'utf8'), /LOYALTY_CARDS/);
    await assert.rejects(program('loyalty-cards'), /There is a service loyalty-cards already/);
    await assert.rejects(program('wallets'), /The graph has a type Wallet already/);
  });

  await t.test('it passes the rules of the house and its own tests', async () => {
    const folder = path.join(copy, 'services', 'loyalty-cards');
    const node = (/** @type {string[]} */ ...args) => promisify(execFile)(process.execPath, args, { cwd: folder });
    const bin = (/** @type {string} */ file) => path.join(ROOT, 'node_modules', file);
    await node(bin('typescript/bin/tsc'), '-p', 'tsconfig.json');
    await node(path.join(copy, 'scripts', 'lint.mjs'), '.');
    await node(bin('jest/bin/jest.js'), '--selectProjects', 'unit');
  });

  await t.test('it runs with the rest, behind the gateway', async () => {
    const seconds = startOwnSeconds();
    const url = await start();
    await ask(url, { query: ALL, token: await signUp(url) });
    const answered = seconds();
    const whole = { passed: made.passed + answered.passed, own: made.own + answered.own };
    t.diagnostic(`${whole.own.toFixed(1)} s from the command to the answer, ${whole.passed.toFixed(1)} s with what others took of the machine`);
    assert.ok(whole.own < A_MINUTE, `${whole.own} s`);
    const [token, other] = [await signUp(url), await signUp(url)];
    assert.deepEqual(
      (await welcomed(url, token)).map((/** @type {any} */ card) => [card.label, card.origin]),
      [['Welcome', 'WELCOME']],
    );
    const create =
      'mutation { createLoyaltyCard(input: { label: " Gold " }) { loyaltyCard { id label } userErrors { code } } }';
    const { createLoyaltyCard } = await ask(url, { query: create, token });
    assert.deepEqual([createLoyaltyCard.loyaltyCard.label, createLoyaltyCard.userErrors], ['Gold', []]);
    const one = `{ loyaltyCard(id: "${createLoyaltyCard.loyaltyCard.id}") { label } }`;
    assert.deepEqual(await ask(url, { query: one, token }), { loyaltyCard: { label: 'Gold' } });
    assert.deepEqual(await ask(url, { query: one, token: other }), { loyaltyCard: null });
    await stop();
  });

  await t.test('what was changed in it is not removed by the way', async () => {
    const rule = path.join(copy, 'services', 'loyalty-cards', 'src', 'loyalty-cards', 'loyalty-card.domain.ts');
    const text = fs.readFileSync(rule, 'utf8');
    fs.appendFileSync(rule, '\nexport const MINE = 1;\n');
    await assert.rejects(program('loyalty-cards', '--remove'), /not as they were made:\n.*loyalty-card\.domain\.ts/);
    fs.writeFileSync(rule, text);
    await assert.rejects(program('merchants', '--remove'), /a part of the platform/);
    await assert.rejects(program('vouchers', '--remove'), /There is no subgraph vouchers/);
  });

  await t.test('it is removed, and the tree is as before', async () => {
    await program('loyalty-cards', '--remove');
    assert.deepEqual(sumsOf(copy), sums);
    assert.deepEqual(fs.readdirSync(path.join(copy, 'node_modules', '@tael')), links);
    assert.equal(git('status', '--porcelain'), '');
    assert.equal(fs.existsSync(path.join(copy, 'services', 'loyalty-cards')), false);
  });
});
