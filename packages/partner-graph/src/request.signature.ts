import { createHash, type KeyObject, randomUUID, sign, verify } from 'node:crypto';
import { httpbis, type Request } from 'http-message-signatures';

/** What a signature covers: who is asked for what, and every byte of the question. */
const FIELDS = ['@method', '@target-uri', 'content-type', 'content-digest'];
const PARAMS = ['created', 'keyid', 'alg', 'nonce'];
const LABEL = 'tael';
/** How long a signed request is good; clocks differ by less. */
const LIFETIME_S = 30;

/** Who the person behind a request is to this bank, and to no other. */
export const SUBJECT_HEADER = 'tael-subject';

export interface SignedHeaders {
  readonly 'content-type': string;
  readonly [SUBJECT_HEADER]?: string;
  readonly 'content-digest': string;
  readonly 'signature-input': string;
  readonly signature: string;
}

const digestOf = (body: string): string => `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;

/**
 * Signs a request to a bank's subgraph as RFC 9421 has it, by Ed25519, so that the bank knows whose it is and that nothing of
 * it was changed. Gives the headers to send with exactly this `body` of JSON; the `subject` is covered where there is one.
 * @param now in milliseconds
 */
export async function signRequest(request: { url: string; body: string; subject?: string | undefined }, key: { id: string; privateKey: KeyObject }, now: number): Promise<SignedHeaders> {
  const { subject } = request;
  const about = subject === undefined ? {} : { [SUBJECT_HEADER]: subject };
  const headers = { 'content-type': 'application/json', 'content-digest': digestOf(request.body), ...about };
  const signed = await httpbis.signMessage(
    {
      key: { id: key.id, alg: 'ed25519', sign: async (data) => sign(null, data, key.privateKey) },
      name: LABEL,
      fields: [...FIELDS, ...Object.keys(about)],
      params: PARAMS,
      paramValues: { created: new Date(now), nonce: randomUUID() },
    },
    { method: 'POST', url: request.url, headers },
  );
  return Object.fromEntries(Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value])) as unknown as SignedHeaders;
}

/** What is wrong with a request that says to be Tael's; `ok` with its nonce, which must not have been seen in the last minute. */
export type Verification =
  | { readonly ok: true; readonly nonce: string }
  | { readonly ok: false; readonly reason: 'UNSIGNED' | 'ANOTHER_BODY' | 'BAD_SIGNATURE' };

/**
 * The bank's side of {@link signRequest}: checks that a request is Tael's, of now, for this address and with this body.
 * @param request its URL as Tael was told it, and headers in lower case
 * @param keys Tael's public keys by their id
 * @param now in milliseconds
 */
export async function verifyRequest(
  request: { url: string; headers: Readonly<Record<string, string | undefined>>; body: string },
  keys: Readonly<Record<string, KeyObject>>,
  now: number,
): Promise<Verification> {
  const headers = Object.fromEntries(Object.entries(request.headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  if (!headers['signature'] || !headers['signature-input']) return { ok: false, reason: 'UNSIGNED' };
  if (headers['content-digest'] !== digestOf(request.body)) return { ok: false, reason: 'ANOTHER_BODY' };
  const seen: { nonce?: string | undefined; created?: Date | null | undefined }[] = [];
  const message: Request = { method: 'POST', url: request.url, headers };
  try {
    const good = await httpbis.verifyMessage(
      {
        keyLookup: async ({ keyid, nonce, created }) => {
          const key = Object.hasOwn(keys, keyid ?? '') ? keys[keyid!] : undefined;
          seen.push({ nonce, created });
          return key ? { id: keyid!, algs: ['ed25519'], verify: async (data, signature) => verify(null, data, key, signature) } : null;
        },
        requiredFields: headers[SUBJECT_HEADER] === undefined ? FIELDS : [...FIELDS, SUBJECT_HEADER],
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
