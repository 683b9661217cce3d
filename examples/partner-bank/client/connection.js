// What every request of the bank to Tael has: an assertion or a proof by its keys. docs/partners/tokens.md and docs/partners/door.md.
import { createHash, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const sha256 = (text) => createHash('sha256').update(text).digest('base64url');

export class TaelConnection {
  #nonces = new Map();
  #metadata;

  /**
   * @param {object} options
   * @param {string} options.issuer where tokens come from, such as https://tael.example/partner/oauth
   * @param {string} options.door the graph for banks, such as https://tael.example/partner/graphql
   * @param {string} options.clientId
   * @param {{ kid: string, privateKey: CryptoKey }} options.key the registered key
   * @param {{ privateKey: CryptoKey, bare: JsonWebKey }} options.proofKey binds the tokens; a fresh one a process is best
   */
  constructor(options) {
    this.options = options;
  }

  /** What Tael says of its authorization server: where its endpoints are. */
  async metadata() {
    if (this.#metadata) return this.#metadata;
    const response = await fetch(`${this.options.issuer}/.well-known/openid-configuration`);
    if (!response.ok) throw new Error(`the issuer tells nothing of itself: HTTP ${response.status}`);
    this.#metadata = await response.json();
    return this.#metadata;
  }

  /** Posts a form to an endpoint, signed in as the client. Gives `{ status, body }`. */
  async post(endpoint, form) {
    const { issuer, clientId, key } = this.options;
    const response = await this.#withProof(endpoint, {}, async (proof) => {
      const assertion = await new SignJWT({})
        .setProtectedHeader({ alg: 'ES256', kid: key.kid })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(issuer)
        .setIssuedAt()
        .setExpirationTime('60s')
        .setJti(randomUUID())
        .sign(key.privateKey);
      const all = { client_id: clientId, client_assertion_type: ASSERTION, client_assertion: assertion, ...form };
      return fetch(endpoint, { method: 'POST', headers: { dpop: proof }, body: new URLSearchParams(all) });
    });
    return { status: response.status, body: await response.json() };
  }

  /** Asks the graph with a token. Gives the response, whatever it is. */
  graph(token, query, variables) {
    const { door } = this.options;
    return this.#withProof(door, { ath: sha256(token) }, (proof) =>
      fetch(door, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `DPoP ${token}`, dpop: proof },
        body: JSON.stringify({ query, variables }),
      }),
    );
  }

  /** Sends with a proof of possession (RFC 9449), and once more where the server wants its nonce in it. */
  async #withProof(url, claims, send) {
    const { proofKey } = this.options;
    const { origin } = new URL(url);
    const proof = () =>
      new SignJWT({
        htm: 'POST',
        htu: url,
        jti: randomUUID(),
        ...claims,
        ...(this.#nonces.has(origin) ? { nonce: this.#nonces.get(origin) } : {}),
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: proofKey.bare })
        .setIssuedAt()
        .sign(proofKey.privateKey);
    const before = this.#nonces.get(origin);
    let response = await send(await proof());
    this.#take(origin, response);
    if ((response.status === 400 || response.status === 401) && this.#nonces.get(origin) !== before) {
      await response.arrayBuffer();
      response = await send(await proof());
      this.#take(origin, response);
    }
    return response;
  }

  #take(origin, response) {
    const nonce = response.headers.get('dpop-nonce');
    if (nonce) this.#nonces.set(origin, nonce);
  }
}
