import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import process from 'node:process';
import { test } from 'node:test';
import { newSigningKey } from './signing-key.mjs';

test('a key signs what its public half verifies, and each is another', () => {
  const [one, other] = [newSigningKey(), newSigningKey('mine')];
  assert.deepEqual([one.kty, one.crv, one.alg, one.use, other.kid], ['EC', 'P-256', 'ES256', 'sig', 'mine']);
  assert.notEqual(one.d, other.d);
  const { d: _private, ...half } = one;
  const data = Buffer.from('token');
  assert.ok(verify('sha256', data, createPublicKey({ key: half, format: 'jwk' }), sign('sha256', data, createPrivateKey({ key: one, format: 'jwk' }))));
});

test('making one never waits for garbage collection, which waits for it', () => {
  // With so little room for young objects it is collected all the time: exported as a JWK itself, one of the first keys hung for good.
  const program = `import { newSigningKey } from ${JSON.stringify(new URL('signing-key.mjs', import.meta.url).href)};
    for (let n = 0; n < 5_000; n += 1) newSigningKey(); process.stdout.write('made');`;
  const told = execFileSync(process.execPath, ['--max-semi-space-size=1', '--input-type=module', '-e', program], { timeout: 60_000, killSignal: 'SIGKILL', encoding: 'utf8' });
  assert.equal(told, 'made');
});
