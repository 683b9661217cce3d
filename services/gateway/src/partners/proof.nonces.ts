import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a nonce is taken. */
const NONCE_LIFETIME_MS = 5 * 60_000;
/** One that is older is replaced with the answer, so that a client that goes on is never sent back for a new one. */
const NONCE_FRESH_MS = NONCE_LIFETIME_MS / 2;

export type NonceAge = 'fresh' | 'old' | 'none';

/**
 * Nonces for DPoP proofs (RFC 9449, 8). They are signed by a key that this process made for itself, so a proof is good at one
 * gateway alone, and at it only since it started: what the memory of used proofs does not hold, because another gateway took
 * it or this one was started again, cannot be replayed.
 */
export interface ProofNonces {
  make(now: number): string;
  ageOf(nonce: unknown, now: number): NonceAge;
}

export function createProofNonces(key: Buffer = randomBytes(32)): ProofNonces {
  const sign = (time: string): Buffer => createHmac('sha256', key).update(`tael/dpop-nonce/${time}`).digest().subarray(0, 16);

  return {
    make(now) {
      const time = Math.floor(now).toString(36);
      return `${time}.${sign(time).toString('base64url')}`;
    },
    ageOf(nonce, now) {
      const [, time, signature] = typeof nonce === 'string' ? (/^([a-z0-9]{1,12})\.([\w-]{22})$/.exec(nonce) ?? []) : [];
      if (time === undefined || signature === undefined) return 'none';
      const given = Buffer.from(signature, 'base64url');
      const wanted = sign(time);
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return 'none';
      const age = now - Number.parseInt(time, 36);
      if (age < 0 || age > NONCE_LIFETIME_MS) return 'none';
      return age <= NONCE_FRESH_MS ? 'fresh' : 'old';
    },
  };
}
