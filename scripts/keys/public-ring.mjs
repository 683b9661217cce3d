import { createPrivateKey, createPublicKey } from 'node:crypto';

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410). */
const PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The public halves of a ring of Ed25519 keys, as a ring: `id:<32 bytes in base64>` with commas between.
 * @param {string} ring of private keys, written the same way
 */
export const publicRing = (ring) =>
  ring
    .split(',')
    .map((entry) => {
      const at = entry.indexOf(':');
      const key = Buffer.concat([PREFIX, Buffer.from(entry.slice(at + 1), 'base64')]);
      const { x } = createPublicKey(createPrivateKey({ key, format: 'der', type: 'pkcs8' })).export({ format: 'jwk' });
      return `${entry.slice(0, at)}:${Buffer.from(String(x), 'base64url').toString('base64')}`;
    })
    .join(',');
