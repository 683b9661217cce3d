import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, importJWK, type JWK, jwtVerify } from 'jose';
import { createHash } from 'node:crypto';
import { type GivenProof, PROOF_ALGORITHMS, PROOF_WINDOW_S, problemOfProof } from './proof.domain';
import type { ProofMemory } from './proof.memory';
import type { ProofNonces } from './proof.nonces';

/** A proof with an RSA key of 4,096 bits has less. */
const PROOF_LENGTH_MAX = 4_096;

/** A proof that proves nothing. The reason is told: it helps whoever writes a client, and no attacker. */
export class InvalidProof extends Error {
  constructor(
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`the DPoP proof is not valid: ${reason}`, options);
    this.name = 'InvalidProof';
  }
}

/** A proof without a nonce of this gateway: with one it may be good. */
export class NonceNeeded extends Error {
  constructor() {
    super('the DPoP proof has no nonce of this gateway');
    this.name = 'NonceNeeded';
  }
}

/** No more proofs can be remembered, so none is taken. */
export class TooManyProofs extends Error {
  constructor() {
    super('too many DPoP proofs within their time');
    this.name = 'TooManyProofs';
  }
}

export interface ProofVerifier {
  /**
   * Checks that whoever sent a request holds the key that the token is bound to, and takes the proof. Gives a new nonce where
   * the one in the proof is getting old.
   * @throws InvalidProof
   * @throws NonceNeeded
   * @throws TooManyProofs
   */
  verify(proof: string | undefined, bound: { token: string; thumbprint: string }): Promise<{ nonce: string | undefined }>;
  /** Gives a nonce for the next proof. */
  nonce(): string;
}

function read(proof: string | undefined): GivenProof {
  if (proof === undefined) throw new InvalidProof('there is none');
  if (proof.length > PROOF_LENGTH_MAX) throw new InvalidProof('it is too long');
  try {
    return { header: { ...decodeProtectedHeader(proof) }, claims: decodeJwt(proof) };
  } catch (error) {
    throw new InvalidProof('it is not one JWT', { cause: error });
  }
}

async function checkSignature(proof: string, { header }: GivenProof, now: number): Promise<void> {
  const terms = { algorithms: [...PROOF_ALGORITHMS], typ: 'dpop+jwt', clockTolerance: PROOF_WINDOW_S, currentDate: new Date(now) };
  try {
    await jwtVerify(proof, await importJWK(header['jwk'] as JWK, header['alg'] as string), terms);
  } catch (error) {
    throw new InvalidProof('its signature is not by the key in it', { cause: error });
  }
}

async function thumbprintOf(jwk: JWK): Promise<string> {
  try {
    return await calculateJwkThumbprint(jwk, 'sha256');
  } catch (error) {
    throw new InvalidProof('jwk is no public key', { cause: error });
  }
}

/** Makes the verifier of DPoP proofs for one address (RFC 9449, 4.3 and 8). `now` is in milliseconds. */
export function createProofVerifier(options: {
  url: string;
  nonces: ProofNonces;
  memory: ProofMemory;
  now: () => number;
}): ProofVerifier {
  const { url, nonces, memory, now } = options;
  return {
    async verify(proof, { token, thumbprint }) {
      const given = read(proof);
      const time = now();
      const tokenHash = createHash('sha256').update(token).digest('base64url');
      const problem = problemOfProof(given, { url, tokenHash, now: time / 1_000 });
      if (problem) throw new InvalidProof(problem);
      if ((await thumbprintOf(given.header['jwk'] as JWK)) !== thumbprint) throw new InvalidProof('its key is not the one that the token is bound to');
      const age = nonces.ageOf(given.claims['nonce'], time);
      if (age === 'none') throw new NonceNeeded();
      await checkSignature(proof!, given, time);
      const { jti, iat } = given.claims as { jti: string; iat: number };
      // Taken last: only the owner of the key can fill the memory.
      const taken = memory.take({ thumbprint, jti, expiresAt: (iat + PROOF_WINDOW_S) * 1_000 }, time);
      if (taken === 'full') throw new TooManyProofs();
      if (taken === 'replayed') throw new InvalidProof('it was used before');
      return { nonce: age === 'old' ? nonces.make(time) : undefined };
    },
    nonce: () => nonces.make(now()),
  };
}
