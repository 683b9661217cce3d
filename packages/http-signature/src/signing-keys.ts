import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410). */
const PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A key of 32 bytes, and the id by which a signature names it. */
export interface KeyEntry {
  readonly id: string;
  readonly key: Buffer;
}

/** The keys by which requests are signed: the first signs, all are told. */
export interface SigningKeys {
  readonly signing: { readonly id: string; readonly privateKey: KeyObject };
  /** The public halves, as a JWK Set. */
  readonly published: { readonly keys: readonly JsonWebKey[] };
}

/** Reads a ring of private keys, 32 bytes each, as Ed25519 has them (RFC 8032: the seed). */
export function readSigningKeys(ring: readonly [KeyEntry, ...KeyEntry[]]): SigningKeys {
  const keys = ring.map(({ id, key }) => ({
    id, privateKey: createPrivateKey({ key: Buffer.concat([PREFIX, key]), format: 'der', type: 'pkcs8' }),
  }));
  const published = keys.map(({ id, privateKey }) => ({
    ...createPublicKey(privateKey.export({ type: 'pkcs8', format: 'pem' })).export({ format: 'jwk' }), kid: id, alg: 'EdDSA', use: 'sig',
  }));
  return { signing: keys[0]!, published: { keys: published } };
}

/** Reads a ring of public keys, 32 bytes each, by their id. */
export function readVerifyingKeys(ring: readonly KeyEntry[]): Readonly<Record<string, KeyObject>> {
  return Object.fromEntries(ring.map(({ id, key }) => [
    id, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') }, format: 'jwk' }),
  ]));
}
