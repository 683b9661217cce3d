import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import * as platform from '@tael/platform/identity';
import { identityKeysFor } from './identity-keys.mjs';

/** @param {string} ring */
const keysOf = (ring) =>
  /** @type {[{ id: string, key: Buffer }]} */ (
    ring.split(',').map((entry) => ({ id: entry.slice(0, entry.indexOf(':')), key: Buffer.from(entry.slice(entry.indexOf(':') + 1), 'base64') }))
  );

test('A15: what a service is given is what the gateway signs for it, and nothing of the ring', () => {
  const ring = `k2:${randomBytes(32).toString('base64')},k1:${randomBytes(32).toString('base64')}`;
  for (const service of ['accounts', 'merchants']) {
    const own = identityKeysFor(ring, service);
    assert.deepEqual(keysOf(own), platform.identityKeysFor(keysOf(ring), service));
    for (const { key } of keysOf(ring)) assert.ok(!own.includes(key.toString('base64')));
  }
  assert.notEqual(identityKeysFor(ring, 'accounts'), identityKeysFor(ring, 'merchants'));
});
