// Whether a request is Tael's: docs/partners/subgraph.md, "Signed requests".
import { createHash, verify } from 'node:crypto';
import { httpbis } from 'http-message-signatures';

const FIELDS = ['@method', '@target-uri', 'content-type', 'content-digest'];
// Who the person is to this bank: covered wherever it is there.
const SUBJECT = 'tael-subject';
const LIFETIME_MS = 30_000;

/** Remembers each nonce for as long as its request would be good. */
export class Nonces {
  #seen = new Map();

  take(nonce, now) {
    for (const [old, until] of this.#seen) {
      if (until > now) break;
      this.#seen.delete(old);
    }
    if (this.#seen.has(nonce)) return false;
    this.#seen.set(nonce, now + 2 * LIFETIME_MS);
    return true;
  }
}

/** Says whether the request was signed by `publicKey` just now, for this address and body, and for the first time. */
export async function isFromTael({ url, headers, body }, { keyId, publicKey, nonces }) {
  if (headers['content-digest'] !== `sha-256=:${createHash('sha256').update(body).digest('base64')}:`) return false;
  const now = Date.now();
  const seen = [];
  try {
    const good = await httpbis.verifyMessage(
      {
        keyLookup: async (parameters) => {
          seen.push(parameters);
          if (parameters.keyid !== keyId) return null;
          return {
            id: keyId,
            algs: ['ed25519'],
            verify: async (data, signature) => verify(null, data, publicKey, signature),
          };
        },
        requiredFields: headers[SUBJECT] === undefined ? FIELDS : [...FIELDS, SUBJECT],
        requiredParams: ['created', 'keyid', 'alg', 'nonce'],
        all: true,
      },
      { method: 'POST', url, headers },
    );
    const [only] = seen;
    return (
      good === true && seen.length === 1 && now - only.created.getTime() <= LIFETIME_MS && nonces.take(only.nonce, now)
    );
  } catch {
    return false;
  }
}
