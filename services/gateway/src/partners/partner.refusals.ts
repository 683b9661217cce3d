import { InvalidToken } from '../callers/token.verifier';
import { HttpRefusal, rateLimited } from '../http/http.errors';
import { PROOF_ALGORITHMS } from './proof.domain';
import { InvalidProof, NonceNeeded, TooManyProofs } from './proof.verifier';

/** A request without credentials, or with some of another kind than a token of this door is sent with. */
export class NoCredentials extends Error {}

const ALGORITHMS = `algs="${PROOF_ALGORITHMS.join(' ')}"`;
/** The ways in: a token that is bound to a key with a proof, or one that is bound to a certificate. */
const WAYS = `DPoP ${ALGORITHMS}, Bearer`;

const quoted = (text: string): string => text.replace(/[^\x20-\x7e]|["\\]/g, '');

function refused(message: string, challenge: string, nonce?: string): HttpRefusal {
  const headers = { 'www-authenticate': challenge, ...(nonce === undefined ? {} : { 'dpop-nonce': nonce }) };
  return new HttpRefusal(401, 'UNAUTHENTICATED', message, headers);
}

/** Turns what may be wrong with a partner's token or proof into what it is told (RFC 9449, 7.1; RFC 6750, 3). */
export function partnerRefusal(error: unknown, nonce: () => string): unknown {
  if (error instanceof NoCredentials) {
    return refused('Send a token of a partner: Authorization: DPoP with a proof, or Bearer with a client certificate.', WAYS, nonce());
  }
  if (error instanceof InvalidToken) {
    const message = 'The access token is not valid here. Ask for a new one.';
    return refused(message, `DPoP error="invalid_token", ${ALGORITHMS}, Bearer error="invalid_token"`);
  }
  if (error instanceof InvalidProof) {
    const challenge = `DPoP error="invalid_dpop_proof", error_description="${quoted(error.reason)}", ${ALGORITHMS}`;
    return refused(`The DPoP proof is not valid: ${error.reason}.`, challenge, nonce());
  }
  if (error instanceof NonceNeeded) {
    const message = 'Put the nonce of the header DPoP-Nonce into the proof and send the request again.';
    return refused(message, `DPoP error="use_dpop_nonce", ${ALGORITHMS}`, nonce());
  }
  if (error instanceof TooManyProofs) return rateLimited('Too many requests within a minute. Try again later.', 5);
  return error;
}

/** Says whether a refusal costs: whoever tries tokens or proofs waits, who only lacks a nonce does not. */
export const countsAsBad = (error: unknown): boolean =>
  error instanceof InvalidToken || error instanceof InvalidProof;
