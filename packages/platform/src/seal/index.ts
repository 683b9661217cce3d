import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { KeyEntry, SealRing } from '../env';
import { counter } from '../metrics';

export { type Fingerprint, fingerprintOf, fingerprintsOf, isFingerprintOf, wrapFingerprint } from './fingerprint';

/** Sealed text: `v1.<key id>.<nonce>.<ciphertext and tag>`, the last two base64url. */
export type Sealed = string;

/** Seals and opens personal data: AES-256-GCM, a random 96-bit nonce, the owner as associated data. */
export interface Sealer {
  /** The id of the key that seals. */
  readonly keyId: string;
  /** The ids of the keys that still open, but for the first: what stands under them is to be sealed anew. */
  readonly oldKeyIds: readonly string[];
  /** Seals `plain` for `owner` (an id): what is sealed for one owner does not open as another's. */
  seal(plain: string, owner: string): Sealed;
  /**
   * Opens what {@link Sealer.seal} gave. Throws where key, owner or content do not fit.
   * @throws SealKeyRetired where the key was destroyed: no retry and no restart will ever open it
   */
  open(sealed: Sealed, owner: string): string;
  /** Says whether the key of a sealed text was destroyed. A key that is not known, or not yet, is no such key. */
  isLost(sealed: Sealed): boolean;
  /** A keyed, one-way name of a value (HMAC-SHA-256 under a key derived for `purpose`), base64url, by the first key. */
  blindIndex(value: string, purpose: string): string;
  /** The names of a value under every key of the ring, the first key's first: while keys turn, a row may stand under any. */
  blindIndexes(value: string, purpose: string): readonly [string, ...string[]];
}

/** What was sealed under a key that has been destroyed. */
export class SealKeyRetired extends Error {
  constructor(keyId: string) {
    super(`sealed under ${keyId}, a key that was retired`);
    this.name = 'SealKeyRetired';
  }
}

/** Gives the id of the key that a sealed text names. */
export function keyIdOf(sealed: Sealed): string {
  return sealed.split('.')[1] ?? '';
}

/**
 * Gives the key under which names without a key's id were made: the oldest of a ring, which is that with the smallest number
 * in its id, else the last.
 */
export function oldestOf(ring: SealRing): KeyEntry {
  const numberOf = ({ id }: KeyEntry): number => Number(/\d+$/.exec(id)?.[0] ?? Number.POSITIVE_INFINITY);
  return liveKeysOf(ring).reduceRight((oldest, entry) => (numberOf(entry) < numberOf(oldest) ? entry : oldest));
}

/** Derives the key for the blind indexes of one purpose. */
export function blindKey(key: Buffer, purpose: string): Buffer {
  return createHmac('sha256', key).update(`tael/blind-index/${purpose}`).digest();
}

function liveKeysOf(ring: SealRing): readonly [KeyEntry, ...KeyEntry[]] {
  return ring.filter((entry): entry is KeyEntry => entry.key !== null) as [KeyEntry, ...KeyEntry[]];
}

// Nonces are chance: of 2^32 under one key two are alike with a probability that nobody should take. What turns the key in time is this figure.
const seals = counter({
  name: 'tael_seals_total', help: 'Seals that this process has made under a key: well before 2^32 in all processes together it has to turn.', labels: ['ring', 'key'],
});

/**
 * Makes a {@link Sealer}; the first key seals and names, all keys open. Of a retired key only the id is known.
 * @param name of the ring, by which its seals are counted: keys of two rings may have one id
 */
export function createSealer(ring: SealRing, name: 'seal' | 'fingerprint' = 'seal'): Sealer {
  const keys = liveKeysOf(ring);
  const made = seals.labels({ ring: name, key: keys[0].id });
  made.inc(0);
  const byId = new Map(keys.map((entry) => [entry.id, entry.key]));
  const retired = new Set(ring.filter((entry) => entry.key === null).map(({ id }) => id));
  const nameBy = ({ key }: KeyEntry, value: string, purpose: string): string =>
    createHmac('sha256', blindKey(key, purpose)).update(value).digest('base64url');
  return {
    keyId: keys[0].id,
    oldKeyIds: keys.slice(1).map(({ id }) => id),
    seal(plain, owner) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keys[0].key, nonce).setAAD(Buffer.from(owner));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      made.inc();
      return `v1.${keys[0].id}.${nonce.toString('base64url')}.${body.toString('base64url')}`;
    },
    open(sealed, owner) {
      const [version, id = '', nonce, body] = sealed.split('.');
      if (version === 'v1' && retired.has(id)) throw new SealKeyRetired(id);
      const key = byId.get(id);
      if (version !== 'v1' || !key || !nonce || !body) throw new Error('sealed data names no key of this process');
      const bytes = Buffer.from(body, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
    },
    isLost: (sealed) => retired.has(keyIdOf(sealed)),
    blindIndex: (value, purpose) => nameBy(keys[0], value, purpose),
    blindIndexes: (value, purpose) =>
      keys.map((entry) => nameBy(entry, value, purpose)) as [string, ...string[]],
  };
}
