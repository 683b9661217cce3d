import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** A message as Standard Webhooks 1.0 has it: three headers and the very bytes of the body. */
export interface SignedMessage {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
}

/** So far a message's time may be from ours: an old one that somebody kept is not taken again. */
const TOLERANCE_SECONDS = 300;
/** Somebody who rotates keys signs with two. */
const SIGNATURES_MAX = 5;
const PUBLIC_KEY = /^whpk_[A-Za-z0-9+/]{43}=$/;

/** Reads an Ed25519 key as Standard Webhooks writes it, `whpk_` and 32 bytes in base64; undefined where it is none. */
export function publicKeyOf(text: string): KeyObject | undefined {
  if (!PUBLIC_KEY.test(text)) return undefined;
  const x = Buffer.from(text.slice('whpk_'.length), 'base64').toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}

/** Says whether a message is of now and signed by one of the keys. */
export function isGenuine(message: SignedMessage, keys: readonly KeyObject[], now: Date): boolean {
  const { id, timestamp, signature, body } = message;
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now.getTime() / 1_000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const content = Buffer.from(`${id}.${timestamp}.${body}`);
  const signatures = signature.split(' ', SIGNATURES_MAX).filter((one) => one.startsWith('v1a,')).map((one) => Buffer.from(one.slice(4), 'base64'));
  return signatures.some((one) => keys.some((key) => verify(null, content, key, one)));
}
