import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { ROOT } from '../stack/settings.mjs';
import { loadSecrets } from '../stack/secrets.mjs';
import { DATA_SERVICES } from '../stack/services.mjs';
import { SEALING } from './left.mjs';
import { publicRing } from './public-ring.mjs';
import { rotate, STEPS, WHAT } from './rotation.mjs';

// What the services are built of, not a copy of it.
const load = createRequire(path.join(ROOT, 'services', 'accounts', 'package.json'));
const { signIdentity, verifyIdentity } = load('@tael/platform/identity');
const { createSealer } = load('@tael/platform/seal');
const { readSigningKeys, readVerifyingKeys, signRequest, verifyRequest } = load('@tael/http-signature');

/** @typedef {import('./rotation.mjs').What} What */

const folder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'tael-keys-'));
const at = (/** @type {number} */ minutes) => new Date(Date.UTC(2026, 0, 1, 0, minutes));
const keysOf = (/** @type {string} */ ring) =>
  ring
    .split(',')
    .map((part) => ({
      id: part.slice(0, part.indexOf(':')),
      key: Buffer.from(part.slice(part.indexOf(':') + 1), 'base64'),
    }));

/** The same with the ids of keys that were retired. @param {string} ring */
const ringOf = (ring) =>
  ring.split(',').flatMap((part) => (part.endsWith(':retired') ? [{ id: part.split(':')[0], key: null }] : keysOf(part)));

/** The secrets before a rotation and after each step of it. @param {What} what @param {readonly import('./rotation.mjs').Step[]} [steps] */
function stages(what, steps = STEPS) {
  const home = folder();
  const begun = /** @type {any} */ (loadSecrets(home));
  fs.rmSync(home, { recursive: true });
  const all = [begun];
  for (const [index, step] of steps.entries()) all.push(rotate(all[index], { what, step, now: at(index * 60), left: {} }));
  return all;
}

/** Every pair of stages that stand side by side while services are started again one by one. @param {any[]} all */
const neighbours = (all) =>
  all.flatMap((stage, index) => [
    [stage, stage],
    ...(all[index + 1]
      ? [
          [stage, all[index + 1]],
          [all[index + 1], stage],
        ]
      : []),
  ]);

const identity = { principal: null, locale: 'en', reference: 'r', traceparent: 't', address: 'a' };

test('A25: while the identity keys turn, processes one step apart believe each other; after it the old key is nothing', () => {
  const all = stages('identity');
  for (const [from, to] of neighbours(all)) {
    const header = signIdentity(identity, 'body', keysOf(from.identityKeys), 1_000);
    assert.deepEqual(verifyIdentity(header, 'body', keysOf(to.identityKeys), 1_000), identity);
  }
  const old = signIdentity(identity, 'body', keysOf(all[0].identityKeys), 1_000);
  assert.equal(verifyIdentity(old, 'body', keysOf(all[3].identityKeys), 1_000), null);
});

test('A25: while the keys for the bank turn, it knows who asks, and after it the old key is nothing; nobody tells it a private half', async () => {
  const all = stages('bank');
  const request = { method: 'GET', url: 'https://bank.example/bank/statement' };
  const asked = async (/** @type {any} */ from, /** @type {any} */ to) => {
    const headers = await signRequest(request, readSigningKeys(keysOf(from.bankSigningKeys)).signing, 1_000);
    return verifyRequest({ ...request, headers }, readVerifyingKeys(keysOf(publicRing(to.bankSigningKeys))), 1_000);
  };
  for (const [from, to] of neighbours(all)) assert.equal((await asked(from, to)).ok, true);
  assert.equal((await asked(all[0], all[3])).ok, false);
  for (const { key } of keysOf(all[1].bankSigningKeys)) assert.ok(!publicRing(all[1].bankSigningKeys).includes(key.toString('base64')));
});

test('what the bank is told of our keys is all public halves, and no private one', () => {
  const [, added] = stages('bank', ['add']);
  const program = path.join(ROOT, 'services', 'accounts', 'dist', 'bank-keys.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8', env: { PATH: process.env.PATH, BANK_SIGNING_KEYS: added.bankSigningKeys } });
  assert.equal(status, 0, stderr);
  const { keys } = JSON.parse(stdout);
  const told = keys.map((/** @type {any} */ { kid, x, d }) => [`${kid}:${Buffer.from(x, 'base64url').toString('base64')}`, d]);
  assert.deepEqual(told, publicRing(added.bankSigningKeys).split(',').map((half) => [half, undefined]));
});

test('A25: while the token keys turn, a token signed before stays good until the old key is retired', () => {
  const all = stages('token');
  const keys = (/** @type {any} */ stage) => JSON.parse(stage.tokenSigningKeys).keys;
  /** As jose does: the key is found by its id among those that are published. @param {any} stage @param {{ kid: string, mac: Buffer }} token */
  const isGood = (stage, { kid, mac }) => {
    const jwk = keys(stage).find((/** @type {any} */ key) => key.kid === kid);
    return Boolean(jwk) && verify('sha256', Buffer.from('token'), createPublicKey({ key: jwk, format: 'jwk' }), mac);
  };
  const tokenOf = (/** @type {any} */ stage) => {
    const [key] = keys(stage);
    return { kid: key.kid, mac: sign('sha256', Buffer.from('token'), createPrivateKey({ key, format: 'jwk' })) };
  };
  for (const [from, to] of neighbours(all)) assert.ok(isGood(to, tokenOf(from)));
  assert.ok(isGood(all[2], tokenOf(all[0])));
  assert.ok(!isGood(all[3], tokenOf(all[0])));
  assert.equal(keys(all[3]).length, 1);
});

test('A25: while the seal keys turn, twice, neighbours open what the other sealed and find whom the other named', () => {
  const all = stages('seal', ['add', 'use', 'retire', 'add', 'use', 'retire']);
  const sealerOf = (/** @type {any} */ stage) => createSealer(ringOf(stage.sealKeys));
  for (const [from, to] of neighbours(all)) {
    assert.equal(sealerOf(to).open(sealerOf(from).seal('Ada', 'ada'), 'ada'), 'Ada');
    assert.ok(sealerOf(to).blindIndexes('ada@example.com', 'email').includes(sealerOf(from).blindIndex('ada@example.com', 'email')));
  }
  // What was sealed at the beginning opens until its key is retired, and then says that it never will again.
  const first = sealerOf(all[0]).seal('Ada', 'ada');
  assert.equal(sealerOf(all[2]).open(first, 'ada'), 'Ada');
  for (const stage of all.slice(3)) {
    assert.throws(() => sealerOf(stage).open(first, 'ada'), { name: 'SealKeyRetired' });
    assert.ok(sealerOf(stage).isLost(first));
  }
  const ids = (/** @type {any} */ stage) => stage.sealKeys.split(',').map((/** @type {string} */ part) => part.replace(/:(?!retired).*/, ''));
  assert.deepEqual(ids(all[3]), ['k2', 'k1:retired']);
  assert.deepEqual(ids(all[6]), ['k3', 'k2:retired', 'k1:retired']);
  assert.ok(!all[6].sealKeys.includes(keysOf(all[0].sealKeys)[0]?.key.toString('base64')));
});

test('A25: a key that seals is retired only where everything was counted and nothing is left under it', () => {
  for (const what of /** @type {const} */ (['seal', 'fingerprint'])) {
    const used = stages(what, ['add', 'use'])[2];
    const retire = (/** @type {any} */ left) => rotate(used, { what, step: 'retire', now: at(600), left });
    assert.throws(() => retire(undefined), /was not counted/);
    assert.throws(() => retire({ 'accounts person.email': { k1: 3 } }), /accounts person\.email: 3 under k1/);
    assert.throws(() => retire({ 'accounts person.emailIndex': { '': 2 } }), /2 under a key without an id/);
    // A row of a backup whose key went long ago keeps nobody from going on.
    assert.equal(keysOf(retire({ 'accounts person.email': { k0: 1 } })[what === 'seal' ? 'sealKeys' : 'cardFingerprintKeys'])[0]?.id, 'k2');
  }
});

test('A25: every service with a program that counts is asked before a seal key is retired', () => {
  const counting = DATA_SERVICES.filter((name) => fs.existsSync(path.join(ROOT, 'services', name, 'src', 'seals-left.ts')));
  const sealing = DATA_SERVICES.filter((name) => {
    const folderOfCode = path.join(ROOT, 'services', name, 'src');
    const files = fs.readdirSync(folderOfCode, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    return files.some((file) => fs.readFileSync(path.join(folderOfCode, file), 'utf8').includes('createSealer('));
  });
  assert.deepEqual([...SEALING.seal].sort(), [...counting].sort());
  assert.deepEqual([...SEALING.seal].sort(), [...sealing].sort());
});

test('a stack from before the key of fingerprints could turn keeps that key, as the first of a ring', (context) => {
  const home = folder();
  context.after(() => fs.rmSync(home, { recursive: true }));
  const lone = Buffer.alloc(32, 7).toString('base64');
  fs.writeFileSync(path.join(home, 'secrets.json'), JSON.stringify({ cardFingerprintKey: lone }));
  assert.equal(loadSecrets(home).cardFingerprintKeys, `k1:${lone}`);
  assert.equal(loadSecrets(home).cardFingerprintKeys, `k1:${lone}`);
  assert.ok(!('cardFingerprintKey' in JSON.parse(fs.readFileSync(path.join(home, 'secrets.json'), 'utf8'))));
});

test('a stack from before its requests to the bank were signed forgets the secret that the two shared', (context) => {
  const home = folder();
  context.after(() => fs.rmSync(home, { recursive: true }));
  fs.writeFileSync(path.join(home, 'secrets.json'), JSON.stringify({ bankSecret: 'shared' }));
  assert.match(loadSecrets(home).bankSigningKeys, /^k1:/);
  assert.ok(!fs.readFileSync(path.join(home, 'secrets.json'), 'utf8').includes('shared'));
});

test('a step out of order, or a key retired too early, is refused and changes nothing', () => {
  for (const what of WHAT) {
    const [begun, added, used] = stages(what, ['add', 'use']);
    assert.throws(() => rotate(begun, { what, step: 'use', now: at(0) }), /"add"/);
    assert.throws(() => rotate(begun, { what, step: 'retire', now: at(0) }));
    assert.throws(() => rotate(added, { what, step: 'add', now: at(0) }), /"use"/);
    assert.throws(() => rotate(added, { what, step: 'retire', now: at(600) }));
    // `use` was at minute 60: a token may live for ten minutes more.
    assert.throws(
      () => rotate(used, { what, step: 'retire', now: at(61) }),
      what === 'fingerprint' ? /not counted/ : /still be in use/,
    );
    assert.equal(JSON.stringify(used).includes(keysOf(begun.identityKeys)[0]?.key.toString('base64') ?? ''), true);
  }
});

test("the command takes a step in the stack's secrets, which only their owner may read", (context) => {
  const home = folder();
  context.after(() => fs.rmSync(home, { recursive: true }));
  const file = path.join(home, 'secrets.json');
  const run = (/** @type {string[]} */ ...args) =>
    spawnSync(process.execPath, [path.join(ROOT, 'scripts', 'keys-rotate.mjs'), ...args], {
      encoding: 'utf8',
      env: { ...process.env, TAEL_HOME: home },
    });
  assert.equal(run('--what', 'identity', '--step', 'add').status, 1);
  const before = loadSecrets(home);
  assert.equal(run('--what', 'identity', '--step', 'add').status, 0);
  assert.equal(fs.statSync(file).mode & 0o777, 0o600);
  const after = JSON.parse(fs.readFileSync(file, 'utf8'));
  assert.ok(after.identityKeys.startsWith(`${before.identityKeys},k2:`));
  assert.equal(after.sealKeys, before.sealKeys);
  assert.deepEqual(fs.readdirSync(home), ['secrets.json']);
  // What the stack reads at its next start is the new ring, and the step that was taken is kept.
  assert.equal(loadSecrets(home).identityKeys, after.identityKeys);
  const refused = run('--what', 'identity', '--step', 'add');
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /"use"/);
  assert.ok(!(refused.stdout + refused.stderr).includes(after.identityKeys));
  assert.equal(run('--what', 'everything', '--step', 'add').status, 1);
  assert.equal(run('--what', 'identity', '--step', 'use').status, 0);
});
