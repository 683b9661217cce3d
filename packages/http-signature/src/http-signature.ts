import { createHash, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { httpbis, type Request } from 'http-message-signatures';

/** What every signature covers: who is asked for what; and where there is a body, every byte of it. */
const ALWAYS = ['@method', '@target-uri'];
const OF_BODY = ['content-type', 'content-digest'];
const PARAMS = ['created', 'keyid', 'alg', 'nonce'];
const LABEL = 'tael';
/** How long a signed request is good; clocks differ by less. */
const LIFETIME_S = 30;

/** A request to be signed. `headers` are covered besides what always is. */
export interface RequestToSign {
  /** POST unless told. */
  readonly method?: 'GET' | 'POST';
  readonly url: string;
  /** JSON, to be sent byte for byte. */
  readonly body?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The headers to send: those that were given, and what the signature adds. */
export interface SignedHeaders {
  readonly [name: string]: string;
  readonly 'signature-input': string;
  readonly signature: string;
}

const digestOf = (body: string): string => `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;

/**
 * Signs a request as RFC 9421 has it, by Ed25519, so that whoever gets it knows whose it is and that nothing of it was
 * changed. Gives the headers to send with exactly this URL and body.
 * @param now in milliseconds
 */
export async function signRequest(request: RequestToSign, key: { id: string; privateKey: KeyObject }, now: number): Promise<SignedHeaders> {
  const { method = 'POST', url, body, headers: more = {} } = request;
  const ofBody = body === undefined ? {} : { 'content-type': 'application/json', 'content-digest': digestOf(body) };
  const signed = await httpbis.signMessage(
    {
      key: { id: key.id, alg: 'ed25519', sign: async (data) => sign(null, data, key.privateKey) },
      name: LABEL,
      fields: [...ALWAYS, ...(body === undefined ? [] : OF_BODY), ...Object.keys(more)],
      params: PARAMS,
      paramValues: { created: new Date(now), nonce: randomUUID() },
    },
    { method, url, headers: { ...ofBody, ...more } },
  );
  return Object.fromEntries(Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value])) as unknown as SignedHeaders;
}

/** A request as it arrived. */
export interface RequestToVerify {
  /** POST unless told. */
  readonly method?: string;
  /** As the one who signs was told it. */
  readonly url: string;
  /** Their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Undefined where there is none. */
  readonly body?: string | undefined;
  /** The headers that must be covered where they are there. */
  readonly covers?: readonly string[];
}

/** What is wrong with a request that says to be signed; `ok` with its nonce, which must not have been seen in the last minute. */
export type Verification =
  | { readonly ok: true; readonly nonce: string }
  | { readonly ok: false; readonly reason: 'UNSIGNED' | 'ANOTHER_BODY' | 'BAD_SIGNATURE' };

/**
 * The other side of {@link signRequest}: checks that a request was signed by one of some keys, just now, for this address
 * and with this body.
 * @param keys public keys by their id
 * @param now in milliseconds
 */
export async function verifyRequest(request: RequestToVerify, keys: Readonly<Record<string, KeyObject>>, now: number): Promise<Verification> {
  const { method = 'POST', url, body, covers = [] } = request;
  const headers = Object.fromEntries(Object.entries(request.headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  if (!headers['signature'] || !headers['signature-input']) return { ok: false, reason: 'UNSIGNED' };
  if (body !== undefined && headers['content-digest'] !== digestOf(body)) return { ok: false, reason: 'ANOTHER_BODY' };
  const seen: { nonce?: string | undefined; created?: Date | null | undefined }[] = [];
  const message: Request = { method, url, headers };
  try {
    const good = await httpbis.verifyMessage(
      {
        keyLookup: async ({ keyid, nonce, created }) => {
          const key = Object.hasOwn(keys, keyid ?? '') ? keys[keyid!] : undefined;
          seen.push({ nonce, created });
          return key ? { id: keyid!, algs: ['ed25519'], verify: async (data, signature) => verify(null, data, key, signature) } : null;
        },
        requiredFields: [...ALWAYS, ...(body === undefined ? [] : OF_BODY), ...covers.filter((name) => headers[name] !== undefined)],
        requiredParams: PARAMS,
        notAfter: new Date(now + LIFETIME_S * 1000),
        all: true,
      },
      message,
    );
    const [only, more] = seen;
    // The library reads the machine's clock, and of several signatures tells of the last: both are decided here.
    const ageMs = now - (only?.created?.getTime() ?? 0);
    const fresh = !more && only?.nonce !== undefined && only.nonce !== '' && ageMs <= LIFETIME_S * 1000;
    return good === true && fresh ? { ok: true, nonce: only.nonce! } : { ok: false, reason: 'BAD_SIGNATURE' };
  } catch {
    return { ok: false, reason: 'BAD_SIGNATURE' };
  }
}
