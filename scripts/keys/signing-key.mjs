import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';

/**
 * Makes a key that access tokens are signed with: a private JWK.
 *
 * A key that was just made is not exported as a JWK itself: while Node 20 does that it holds the key's lock, and garbage collection of the job that made
 * the key waits for the same one, for ever. It goes through PKCS #8, which takes no memory of V8's under the lock. That is so of keys that are made
 * synchronously; the job of one that is made beside the program, as by jose, is gone before anybody has the key.
 * @param {string} [id] its name in the ring
 */
export function newSigningKey(id = randomBytes(8).toString('hex')) {
  const made = generateKeyPairSync('ec', {
    namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'der' }, privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  });
  const key = createPrivateKey({ key: made.privateKey, type: 'pkcs8', format: 'der' });
  return { ...key.export({ format: 'jwk' }), kid: id, alg: 'ES256', use: 'sig' };
}
