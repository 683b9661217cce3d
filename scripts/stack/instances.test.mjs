import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { isHeld, prepareFaults } from './faults.mjs';
import { identityKeysFor } from '../keys/identity-keys.mjs';
import { environmentOf, instancesOf, serviceParts } from './services.mjs';
import { readSettings } from './settings.mjs';

/** @param {NodeJS.ProcessEnv} env */
function wiringOf(env) {
  const settings = readSettings([], { TAEL_PORT: '4000', TAEL_HOME: '/var/tmp/none', ...env });
  return /** @type {any} */ ({ settings, secrets: { identityKeys: 'k1:AAAA', vapid: {}, cardProcessorNotices: {} }, urls: {}, bus: { kind: 'postgres' } });
}

test('a service has as many processes as were asked for, each on a port of its own; the outside world is one', () => {
  const { settings } = wiringOf({ TAEL_INSTANCES: '3' });
  assert.deepEqual(instancesOf('accounts', settings), [
    { part: 'accounts', port: 4001, instance: 1 },
    { part: 'accounts-2', port: 4011, instance: 2 },
    { part: 'accounts-3', port: 4021, instance: 3 },
  ]);
  assert.equal(instancesOf('sandbox', settings).length, 1);
  assert.equal(instancesOf('gateway', wiringOf({}).settings).length, 1);
});

test('no two parts share a port', () => {
  const { settings } = wiringOf({ TAEL_INSTANCES: '3' });
  const names = /** @type {const} */ (['sandbox', 'accounts', 'merchants', 'rewards', 'notifications', 'gateway']);
  const more = names.flatMap((name) => instancesOf(name, settings).slice(1)).map(({ port }) => port);
  const all = [...Object.values(settings.ports), ...more];
  assert.equal(new Set(all).size, all.length);
});

test('every process of the gateway knows all processes of a subgraph, and has its own port', () => {
  const env = environmentOf('gateway', wiringOf({ TAEL_INSTANCES: '2' }), 2);
  assert.equal(env['PORT'], '4010');
  assert.equal(env['ACCOUNTS_URL'], 'http://127.0.0.1:4001/graphql,http://127.0.0.1:4011/graphql');
});

test('a number of processes that cannot be had is refused', () => {
  for (const text of ['0', '4', '1.5', 'two']) {
    assert.throws(() => wiringOf({ TAEL_INSTANCES: text }), /TAEL_INSTANCES=.* is no number from 1 to 3/);
  }
});

test('services take failpoints only where that was asked for', () => {
  assert.equal(environmentOf('accounts', wiringOf({}))['FAILPOINTS_ALLOWED'], undefined);
  const env = environmentOf('accounts', wiringOf({ TAEL_FAILPOINTS: 'true', TAEL_INSTANCES: '2' }), 2);
  assert.equal(env['FAILPOINTS_ALLOWED'], 'true');
  assert.equal(env['FAILPOINT_FILE'], '/var/tmp/none/failpoints/accounts-2');
  assert.equal(environmentOf('gateway', wiringOf({ TAEL_FAILPOINTS: 'true' }))['FAILPOINT_FILE'], undefined);
});

test('what an earlier run held or armed is forgotten at a start', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-faults-'));
  try {
    fs.mkdirSync(path.join(home, 'hold'));
    fs.writeFileSync(path.join(home, 'hold', 'rewards'), '');
    assert.equal(isHeld(home, 'rewards'), true);
    assert.equal(isHeld(home, 'accounts'), false);
    prepareFaults({ ...wiringOf({ TAEL_FAILPOINTS: 'true' }).settings, home });
    assert.equal(isHeld(home, 'rewards'), false);
    assert.equal(fs.existsSync(path.join(home, 'failpoints')), true);
  } finally {
    fs.rmSync(home, { recursive: true });
  }
});

test('A25: a process that is started again has the keys of now', (context) => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'tael-now-'));
  context.after(() => fs.rmSync(home, { recursive: true }));
  const wiring = wiringOf({ TAEL_HOME: home });
  wiring.secrets.identityKeys = 'k1:before';
  /** @param {string} ring */
  const own = (ring) => identityKeysFor(ring, 'merchants');
  const [part] = serviceParts('merchants', wiring);
  assert.equal(part?.env.IDENTITY_KEYS, own('k1:before'));
  assert.equal(environmentOf('gateway', wiring)['IDENTITY_KEYS'], 'k1:before');
  fs.writeFileSync(path.join(home, 'secrets.json'), JSON.stringify({ identityKeys: 'k2:now,k1:before' }));
  assert.equal(part?.env.IDENTITY_KEYS, own('k2:now,k1:before'));
});
