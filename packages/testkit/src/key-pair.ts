import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A key pair whose keys may be exported as JWKs: of one that was just made Node 20 may hang there (scripts/keys/signing-key.mjs says why). */
export function newKeyPair(kind: 'P-256' | 'P-384' | 'RSA-2048' | 'RSA-1024' = 'P-256'): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  const publicKeyEncoding = { type: 'spki', format: 'pem' } as const;
  const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const;
  const made = kind === 'RSA-2048' || kind === 'RSA-1024'
    ? generateKeyPairSync('rsa', { modulusLength: kind === 'RSA-2048' ? 2048 : 1024, publicKeyEncoding, privateKeyEncoding })
    : generateKeyPairSync('ec', { namedCurve: kind, publicKeyEncoding, privateKeyEncoding });
  return { publicKey: createPublicKey(made.publicKey), privateKey: createPrivateKey(made.privateKey) };
}
