/** Seconds that the time of a proof may be away from ours, either way. */
export const PROOF_WINDOW_S = 60;
/** Algorithms that a proof may be signed by; the token endpoint takes the same. */
export const PROOF_ALGORITHMS = ['ES256', 'PS256'] as const;
const JTI_LENGTH_MAX = 128;
/** Members of a JWK that only its owner may know, of any kind of key. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** What stands in a proof that came with a request (RFC 9449, 4.2). Nothing of it is believed yet. */
export interface GivenProof {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What it has to be for: this address, this token, now. */
export interface ExpectedProof {
  readonly url: string;
  /** SHA-256 of the access token, base64url. */
  readonly tokenHash: string;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** Gives an address in one form, without query and fragment; undefined for what is none. */
export function plainUrl(text: unknown): string | undefined {
  if (typeof text !== 'string' || text.length > 2_048 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username || url.password) return undefined;
  url.search = '';
  url.hash = '';
  return url.href;
}

function problemOfHeader({ typ, alg, jwk, crit }: GivenProof['header']): string | undefined {
  if (typ !== 'dpop+jwt') return 'typ must be dpop+jwt';
  if (!(PROOF_ALGORITHMS as readonly unknown[]).includes(alg)) return `alg must be ${PROOF_ALGORITHMS.join(' or ')}`;
  if (crit !== undefined) return 'crit is not supported';
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return 'jwk must be the public key';
  if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(jwk, name))) return 'jwk holds a private key, which is no secret any more';
  return undefined;
}

/**
 * Says what is wrong with a proof before its signature is checked (RFC 9449, 4.3); undefined where nothing is. Its nonce,
 * whose it is and whether it came before are looked at elsewhere.
 */
export function problemOfProof({ header, claims }: GivenProof, expected: ExpectedProof): string | undefined {
  const inHeader = problemOfHeader(header);
  if (inHeader) return inHeader;
  const { jti, htm, htu, iat, ath } = claims;
  if (typeof jti !== 'string' || jti.length < 1 || jti.length > JTI_LENGTH_MAX) return `jti must have 1 to ${JTI_LENGTH_MAX} characters`;
  if (htm !== 'POST') return 'htm must be POST';
  if (plainUrl(htu) !== plainUrl(expected.url)) return `htu must be ${expected.url}`;
  if (typeof iat !== 'number' || !(Math.abs(expected.now - iat) <= PROOF_WINDOW_S)) return `iat must be within ${PROOF_WINDOW_S} seconds`;
  if (ath !== expected.tokenHash) return 'ath must be the SHA-256 of the access token';
  return undefined;
}
