import type { KeyEntry } from '@tael/platform/env';
import { createHmac, createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410). */
const PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The keys of requests to banks: the first signs, all are told. */
export interface PartnerSubgraphKeys {
  readonly signing: { readonly id: string; readonly privateKey: KeyObject };
  /** The public halves, as a JWK Set. */
  readonly published: { readonly keys: readonly JsonWebKey[] };
}

export function readSubgraphKeys(ring: readonly [KeyEntry, ...KeyEntry[]]): PartnerSubgraphKeys {
  const keys = ring.map(({ id, key }) => ({
    id, privateKey: createPrivateKey({ key: Buffer.concat([PREFIX, key]), format: 'der', type: 'pkcs8' }),
  }));
  const published = keys.map(({ id, privateKey }) => ({
    ...createPublicKey(privateKey.export({ type: 'pkcs8', format: 'pem' })).export({ format: 'jwk' }), kid: id, alg: 'EdDSA', use: 'sig',
  }));
  return { signing: keys[0]!, published: { keys: published } };
}

/**
 * Gives who a person is to one bank: the same each time, and nothing that two banks could compare, or that leads back to the
 * person without the key.
 */
export function pairwiseSubject(key: Buffer, partnerId: string, personId: string): string {
  return createHmac('sha256', key).update(`${partnerId}\n${personId}`).digest('base64url');
}
