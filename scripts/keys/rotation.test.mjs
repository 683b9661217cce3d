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
import { rotate, STEPS, WHAT } from './rotation.mjs';

// What the services are built of, not a copy of it.
const load = createRequire(path.join(ROOT, 'e2e', 'package.json'));
const { signIdentity, verifyIdentity } = load('@tael/platform/identity');
const { createSealer } = load('@tael/platform/seal');

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

/** The secrets before a rotation and after each step of it. @param {What} what @param {readonly import('./rotation.mjs').Step[]} [steps] */
function stages(what, steps = STEPS) {
  const home = folder();
  const begun = /** @type {any} */ (loadSecrets(home));
  fs.rmSync(home, { recursive: true });
  const all = [begun];
  for (const [index, step] of steps.entries()) all.push(rotate(all[index], { what, step, now: at(index * 60) }));
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

test('A25: while the seal keys turn, twice, what was sealed opens, addresses are found, and a new key seals', () => {
  const all = stages('seal', ['add', 'use', 'add', 'use']);
  const sealerOf = (/** @type {any} */ stage) => createSealer(keysOf(stage.sealKeys));
  const index = sealerOf(all[0]).blindIndex('ada@example.com', 'email');
  for (const stage of all) assert.equal(sealerOf(stage).blindIndex('ada@example.com', 'email'), index);
  for (const [from, to] of neighbours(all))
    assert.equal(sealerOf(to).open(sealerOf(from).seal('Ada', 'ada'), 'ada'), 'Ada');
  assert.equal(sealerOf(all[4]).open(sealerOf(all[0]).seal('Ada', 'ada'), 'ada'), 'Ada');
  const ids = all.map((stage) => sealerOf(stage).seal('Ada', 'ada').split('.')[1]);
  assert.deepEqual(ids, ['k1', 'k1', 'k2', 'k2', 'k3']);
  const without = { sealKeys: all[2].sealKeys.split(',')[0] };
  assert.throws(() => sealerOf(without).open(sealerOf(all[0]).seal('Ada', 'ada'), 'ada'), /no key/);
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
      what === 'seal' ? /sealed under it/ : /still be in use/,
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
