import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Sealed, Sealer } from './index';

/**
 * What tells that a value is the same again, and not the value: its HMAC-SHA-256 under a key of its own, which stands beside
 * it sealed. When the ring turns, that key is sealed anew; the value itself need not be brought again for it.
 */
export interface Fingerprint {
  readonly mac: Buffer;
  /** One or more keys, sealed together: each is applied to what the one before gave. */
  readonly key: Sealed;
}

const KEY_BYTES = 32;

const macBy = (keys: readonly Buffer[], value: string | Buffer): Buffer =>
  keys.reduce<Buffer>((text, key) => createHmac('sha256', key).update(text).digest(), Buffer.from(value));

const sealKeys = (sealer: Sealer, keys: readonly Buffer[], owner: string): Sealed =>
  sealer.seal(keys.map((key) => key.toString('base64url')).join('.'), owner);

/** Makes the fingerprint of a value, under a key made for it alone. Of one value no two are alike. */
export function fingerprintOf(sealer: Sealer, value: string, owner: string): Fingerprint {
  const { macs, key } = fingerprintsOf(sealer, [value], owner);
  return { mac: macs[0]!, key };
}

/** The same of values that stand in one row, under one key for all of them. */
export function fingerprintsOf(sealer: Sealer, values: readonly string[], owner: string): { macs: Buffer[]; key: Sealed } {
  const key = randomBytes(KEY_BYTES);
  return { macs: values.map((value) => macBy([key], value)), key: sealKeys(sealer, [key], owner) };
}

/** Says whether a fingerprint is that of a value. */
export function isFingerprintOf(sealer: Sealer, { mac, key }: Fingerprint, value: string, owner: string): boolean {
  const keys = sealer.open(key, owner).split('.').map((text) => Buffer.from(text, 'base64url'));
  return timingSafeEqual(macBy(keys, value), mac);
}

/**
 * Makes a fingerprint of a plain HMAC under a known key, without the value. The HMAC itself does not stand in it: who learns
 * that old key later can do nothing with the fingerprint alone.
 */
export function wrapFingerprint(sealer: Sealer, plain: { mac: Buffer; key: Buffer }, owner: string): Fingerprint {
  const key = randomBytes(KEY_BYTES);
  return { mac: macBy([key], plain.mac), key: sealKeys(sealer, [plain.key, key], owner) };
}
