import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { KeyEntry } from '../env';

/** Sealed text: `v1.<key id>.<nonce>.<ciphertext and tag>`, the last two base64url. */
export type Sealed = string;

/** Seals and opens personal data: AES-256-GCM, a random 96-bit nonce, the owner as associated data. */
export interface Sealer {
  /** Seals `plain` for `owner` (an id): what is sealed for one owner does not open as another's. */
  seal(plain: string, owner: string): Sealed;
  /** Opens what {@link Sealer.seal} gave. Throws where key, owner or content do not fit. */
  open(sealed: Sealed, owner: string): string;
  /** A keyed, one-way name of a value for look-ups (HMAC-SHA-256 under a key derived for `purpose`), base64url. */
  blindIndex(value: string, purpose: string): string;
}

/**
 * Gives the oldest key of a ring: that with the smallest number in its id, else the last. A key that is new stands behind the
 * others until every process knows it, and must not become the one by which addresses are looked up.
 */
function oldestOf(keys: readonly [KeyEntry, ...KeyEntry[]]): KeyEntry {
  const numberOf = ({ id }: KeyEntry): number => Number(/\d+$/.exec(id)?.[0] ?? Number.POSITIVE_INFINITY);
  return keys.reduceRight((oldest, entry) => (numberOf(entry) < numberOf(oldest) ? entry : oldest));
}

/** Makes a {@link Sealer}; the first key seals, all keys open. The blind index always uses the oldest key. */
export function createSealer(keys: readonly [KeyEntry, ...KeyEntry[]]): Sealer {
  const byId = new Map(keys.map((entry) => [entry.id, entry.key]));
  const indexKey = oldestOf(keys).key;
  return {
    seal(plain, owner) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', keys[0].key, nonce).setAAD(Buffer.from(owner));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `v1.${keys[0].id}.${nonce.toString('base64url')}.${body.toString('base64url')}`;
    },
    open(sealed, owner) {
      const [version, id, nonce, body] = sealed.split('.');
      const key = byId.get(id ?? '');
      if (version !== 'v1' || !key || !nonce || !body) throw new Error('sealed data names no key of this process');
      const bytes = Buffer.from(body, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(owner)).setAuthTag(bytes.subarray(-16));
      return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
    },
    blindIndex(value, purpose) {
      const derived = createHmac('sha256', indexKey).update(`tael/blind-index/${purpose}`).digest();
      return createHmac('sha256', derived).update(value).digest('base64url');
    },
  };
}
