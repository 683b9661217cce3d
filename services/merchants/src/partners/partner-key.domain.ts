import { KEYS_MAX, type KeyFault } from './partner.domain';

/** The public half of a key, with nothing beside what it is made of. */
export type PublicJwk =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string };

export type KeyAlgorithm = 'ES256' | 'PS256';

/** A key as somebody gives it: its form is right; whether it is a point of the curve is for the library to say. */
export interface GivenKey {
  /** Nothing where the key names itself by its thumbprint. */
  readonly kid: string | undefined;
  readonly alg: KeyAlgorithm;
  readonly jwk: PublicJwk;
  /** When the bank stops using it: `exp` of a JWK in seconds, the end of a certificate. Null where it does not say. */
  readonly expiresAt: Date | null;
}

export type KeyReading<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: KeyFault };

/** How long a text with keys may be: five RSA keys of 8192 bits with room. */
export const KEYS_TEXT_MAX = 16_384;

// RFC 7518: the members of a private EC, RSA or octet key.
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
/** The year 10000, in seconds: later than that is no end. */
const EXP_MAX = 253_402_300_800;
const RSA_BITS = { min: 2_048, max: 8_192 };
const BASE64URL = /^[A-Za-z0-9_-]+$/;
const KID = /^[A-Za-z0-9._~:=-]{1,128}$/;

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The bits of a whole number in base64url without padding; 0 for anything else. */
function bitsOf(value: unknown): number {
  if (typeof value !== 'string' || !BASE64URL.test(value)) return 0;
  const bytes = Buffer.from(value, 'base64url');
  if (bytes.toString('base64url') !== value || bytes[0] === 0 || bytes[0] === undefined) return 0;
  return bytes.length * 8 - (Math.clz32(bytes[0]) - 24);
}

// A coordinate is always written in 32 bytes, also where it begins with zeros.
const isCoordinate = (value: unknown): value is string =>
  typeof value === 'string' &&
  BASE64URL.test(value) &&
  Buffer.from(value, 'base64url').length === 32 &&
  value.length === 43;

/** RSA exponents as FIPS 186-5 takes them: odd, above 2^16 and below 2^256. */
function isExponent(value: unknown): value is string {
  const bits = bitsOf(value);
  return bits > 16 && bits <= 256 && (Buffer.from(value as string, 'base64url').at(-1)! & 1) === 1;
}

function readPublic(key: Members): { jwk: PublicJwk; alg: KeyAlgorithm } | undefined {
  if (key['kty'] === 'EC' && key['crv'] === 'P-256') {
    const { x, y } = key as { x: unknown; y: unknown };
    return isCoordinate(x) && isCoordinate(y) ? { jwk: { kty: 'EC', crv: 'P-256', x, y }, alg: 'ES256' } : undefined;
  }
  if (key['kty'] === 'RSA') {
    const { n, e } = key as { n: unknown; e: unknown };
    const bits = bitsOf(n);
    if (bits < RSA_BITS.min || bits > RSA_BITS.max || !isExponent(e)) return undefined;
    return { jwk: { kty: 'RSA', n: n as string, e }, alg: 'PS256' };
  }
  return undefined;
}

/** Reads one JWK of parsed JSON: public, for signatures, of a kind and size that is taken. */
export function readJwk(value: unknown): KeyReading<GivenKey> {
  if (!isObject(value)) return { ok: false, reason: 'KEY' };
  if (PRIVATE_MEMBERS.some((member) => member in value)) return { ok: false, reason: 'PRIVATE_KEY' };
  const read = readPublic(value);
  const { kid, alg, use, key_ops: operations, exp } = value;
  const isForSignatures =
    (use === undefined || use === 'sig') &&
    (operations === undefined || (Array.isArray(operations) && operations.length === 1 && operations[0] === 'verify'));
  if (!read || !isForSignatures || (alg !== undefined && alg !== read.alg)) return { ok: false, reason: 'KEY' };
  if (kid !== undefined && (typeof kid !== 'string' || !KID.test(kid))) return { ok: false, reason: 'KEY_ID' };
  if (exp !== undefined && !(Number.isSafeInteger(exp) && (exp as number) > 0 && (exp as number) < EXP_MAX)) return { ok: false, reason: 'KEY' };
  return { ok: true, value: { kid, ...read, expiresAt: exp === undefined ? null : new Date((exp as number) * 1_000) } };
}

/** Reads a JSON Web Key Set of parsed JSON: one to five keys, no two with one kid. A private key anywhere comes first. */
export function readJwkSet(value: unknown): KeyReading<readonly GivenKey[]> {
  const keys: unknown = isObject(value) ? value['keys'] : undefined;
  if (isObject(value) && PRIVATE_MEMBERS.some((member) => member in value)) return { ok: false, reason: 'PRIVATE_KEY' };
  if (!Array.isArray(keys)) return { ok: false, reason: 'JWKS' };
  const readings = keys.map((key) => readJwk(key));
  const faults = readings.flatMap((reading) => (reading.ok ? [] : [reading.reason]));
  if (faults.includes('PRIVATE_KEY')) return { ok: false, reason: 'PRIVATE_KEY' };
  if (keys.length < 1 || keys.length > KEYS_MAX) return { ok: false, reason: 'JWKS' };
  if (faults[0]) return { ok: false, reason: faults[0] };
  const found = readings.flatMap((reading) => (reading.ok ? [reading.value] : []));
  const kids = found.flatMap(({ kid }) => (kid === undefined ? [] : [kid]));
  return new Set(kids).size === kids.length ? { ok: true, value: found } : { ok: false, reason: 'KEY_ID' };
}

/** What a certificate says of itself. Who issued it is not asked: it is pinned, and trusted for this client alone. */
export interface CertificateFacts {
  readonly validFrom: Date;
  readonly validTo: Date;
  /** The public key as a JWK. */
  readonly key: unknown;
}

/** Reads the key of a certificate: the rules of a JWK, and it must be valid now. */
export function readCertificate({ validFrom, validTo, key }: CertificateFacts, now: Date): KeyReading<GivenKey> {
  const isValid = validFrom <= now && now < validTo;
  if (!isValid) return { ok: false, reason: 'CERTIFICATE' };
  const reading = readJwk(key);
  return reading.ok ? { ok: true, value: { ...reading.value, expiresAt: validTo } } : reading;
}

/** So many days before its end a bank is told of a key: once for each. */
export const EXPIRY_DAYS = [30, 7, 1] as const;
const DAY_MS = 86_400_000;

/** Gives the least of the days of {@link EXPIRY_DAYS} within which a key ends; undefined where it has longer, or has ended. */
export function daysToExpiry(expiresAt: Date, now: Date): number | undefined {
  const left = expiresAt.getTime() - now.getTime();
  return left <= 0 ? undefined : [...EXPIRY_DAYS].reverse().find((days) => left <= days * DAY_MS);
}

const BEGIN = /-----BEGIN ([A-Z0-9 ]+)-----/g;

/** What a PEM text holds, by its first lines: exactly one certificate, and by no means a private key. */
export function judgePem(text: string): KeyFault | undefined {
  const blocks = [...text.matchAll(BEGIN)].map(([, label = '']) => label);
  if (blocks.some((label) => label.includes('PRIVATE KEY'))) return 'PRIVATE_KEY';
  return blocks.length === 1 && blocks[0] === 'CERTIFICATE' && text.length <= KEYS_TEXT_MAX ? undefined : 'CERTIFICATE';
}
