import { createHash, X509Certificate } from 'node:crypto';
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import type { ClientAuthentication, PartnerRefusal } from './partner.domain';
import {
  type GivenKey,
  judgePem,
  type KeyAlgorithm,
  type KeyReading,
  KEYS_TEXT_MAX,
  type PublicJwk,
  readCertificate,
  readJwk,
  readJwkSet,
} from './partner-key.domain';

/** Who a proof of a key is for: never an access token's audience, so that neither passes for the other. */
export const REGISTRATION = {
  typ: 'tael-partner-registration+jwt',
  audience: 'urn:tael:partner-registration',
} as const;
export const ADDITION = { typ: 'tael-partner-key+jwt', audience: 'urn:tael:partner-key' } as const;

const PROOF_AGE = '5 minutes';
const SKEW_SECONDS = 30;
const PROOF_MAX = 8_192;

/** A public key that may be registered once its holder has proven to have the private half. */
export interface Candidate {
  readonly kid: string;
  readonly alg: KeyAlgorithm;
  readonly jwk: PublicJwk;
  /** SHA-256 of the public key as RFC 7638 writes it; of a certificate, that of its key. */
  readonly thumbprint: string;
  /** PEM, where the key came in a certificate. */
  readonly certificate: string | null;
  readonly expiresAt: Date | null;
}

/** How a client says which keys it has: as JSON text or as a certificate in PEM, exactly one of them. */
export interface GivenKeys {
  readonly json: string | null | undefined;
  readonly certificate: string | null | undefined;
}

export type Candidates =
  | { readonly ok: true; readonly authentication: ClientAuthentication; readonly keys: readonly Candidate[] }
  | { readonly ok: false; readonly refusals: readonly PartnerRefusal[] };

/** How the JSON text is called in the input, and how it is read. */
export const KEY_SET = { field: 'jwks', read: readJwkSet } as const;
export const SINGLE_KEY = {
  field: 'jwk',
  read(value: unknown): KeyReading<readonly GivenKey[]> {
    const reading = readJwk(value);
    return reading.ok ? { ok: true, value: [reading.value] } : reading;
  },
} as const;

/** Gives the SHA-256 of a text in base64url. */
export const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('base64url');

const refuse = (reason: Extract<PartnerRefusal, { code: 'INVALID_INPUT' }>['reason'], field?: string): Candidates => ({
  ok: false,
  refusals: [{ code: 'INVALID_INPUT', reason, field: field === undefined ? ['input'] : ['input', field] }],
});

/** Reads the keys that a client is to have. Refusals: INVALID_INPUT. */
export async function readKeys(
  given: GivenKeys,
  as: typeof KEY_SET | typeof SINGLE_KEY,
  now: Date,
): Promise<Candidates> {
  const { json, certificate } = given;
  // A private key is named as one, wherever it was put.
  if (judgePem(`${json}\n${certificate}`) === 'PRIVATE_KEY')
    return refuse('PRIVATE_KEY', certificate ? 'certificate' : as.field);
  if (typeof certificate === 'string' && typeof json !== 'string') return readPinned(certificate, now);
  if (typeof json !== 'string' || typeof certificate === 'string') return refuse('KEYS_OR_CERTIFICATE');
  const reading = as.read(json.length > KEYS_TEXT_MAX ? undefined : parsed(json));
  if (!reading.ok) return refuse(reading.reason, as.field);
  if (reading.value.some(({ expiresAt }) => expiresAt !== null && expiresAt <= now)) return refuse('KEY', as.field);
  const keys = await Promise.all(reading.value.map((key) => toCandidate(key)));
  const whole = keys.filter((key) => key !== undefined);
  if (whole.length < keys.length) return refuse('KEY', as.field);
  const isTwice =
    new Set(whole.map(({ kid }) => kid)).size < whole.length ||
    new Set(whole.map(({ thumbprint }) => thumbprint)).size < whole.length;
  return isTwice ? refuse('KEY_ID', as.field) : { ok: true, authentication: 'private_key_jwt', keys: whole };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

async function toCandidate({ kid, alg, jwk, expiresAt }: GivenKey): Promise<Candidate | undefined> {
  try {
    // Refuses what has the form of a key and is none, such as a point beside the curve.
    await importJWK({ ...jwk }, alg);
  } catch {
    return undefined;
  }
  const thumbprint = await calculateJwkThumbprint({ ...jwk }, 'sha256');
  return { kid: kid ?? thumbprint, alg, jwk, thumbprint, certificate: null, expiresAt };
}

async function readPinned(pem: string, now: Date): Promise<Candidates> {
  const certificate = judgePem(pem) === undefined ? certificateOf(pem) : undefined;
  if (!certificate) return refuse('CERTIFICATE', 'certificate');
  const { validFrom, validTo, publicKey } = certificate;
  const facts = { validFrom: new Date(validFrom), validTo: new Date(validTo), key: jwkOf(publicKey) };
  const reading = readCertificate(facts, now);
  if (!reading.ok) return refuse(reading.reason, 'certificate');
  const candidate = await toCandidate(reading.value);
  if (!candidate) return refuse('KEY', 'certificate');
  // The name by which RFC 8705 binds tokens to it.
  const kid = sha256(certificate.raw);
  return {
    ok: true,
    authentication: 'self_signed_tls_client_auth',
    keys: [{ ...candidate, kid, certificate: certificate.toString() }],
  };
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function jwkOf(key: X509Certificate['publicKey']): unknown {
  try {
    return key.export({ format: 'jwk' });
  } catch {
    return undefined;
  }
}

export interface ProofTerms {
  readonly typ: string;
  readonly audience: string;
  /** What the payload must say beside audience and time. */
  readonly claims: Readonly<Record<string, string>>;
}

/**
 * Says whether the proofs show that somebody has the private half of each key: a JWS by each, over what the terms ask for,
 * not older than five minutes. Else anybody could register a key of somebody else, who then could not.
 */
export async function arePossessed(
  keys: readonly Candidate[],
  proofs: readonly string[],
  terms: ProofTerms,
  now: Date,
): Promise<boolean> {
  if (proofs.length !== keys.length) return false;
  const proven = await Promise.all(proofs.map((proof) => signerOf(proof, keys, terms, now)));
  return keys.every(({ kid }) => proven.includes(kid));
}

/** Gives the kid of the key that signed a proof, where it holds; a proof without a kid is taken where there is one key. */
async function signerOf(
  proof: string,
  keys: readonly Candidate[],
  terms: ProofTerms,
  now: Date,
): Promise<string | undefined> {
  if (proof.length > PROOF_MAX) return undefined;
  try {
    const { kid = keys.length === 1 ? keys[0]?.kid : undefined } = decodeProtectedHeader(proof);
    const key = keys.find((candidate) => candidate.kid === kid);
    if (!key) return undefined;
    const { payload } = await jwtVerify(proof, await importJWK({ ...key.jwk }, key.alg), {
      algorithms: [key.alg],
      typ: terms.typ,
      audience: terms.audience,
      maxTokenAge: PROOF_AGE,
      clockTolerance: SKEW_SECONDS,
      currentDate: now,
    });
    return Object.entries(terms.claims).every(([name, value]) => payload[name] === value) ? key.kid : undefined;
  } catch {
    // Whatever is wrong with a proof, it is no proof.
    return undefined;
  }
}
