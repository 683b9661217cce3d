// The bank at its own door of Tael's graph: docs/partners/tokens.md and docs/partners/door.md.
import { createHash, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** A token is asked for anew so long before it ends. */
const EARLY_MS = 30_000;

export class TaelClient {
  #token;
  #nonces = new Map();
  #endpoint;

  /**
   * @param {object} options
   * @param {string} options.issuer where tokens come from, such as https://tael.example/partner/oauth
   * @param {string} options.door the graph for banks, such as https://tael.example/partner/graphql
   * @param {string} options.clientId
   * @param {{ kid: string, privateKey: CryptoKey }} options.key the registered key
   * @param {{ privateKey: CryptoKey, bare: JsonWebKey }} options.proofKey binds the tokens; a fresh one a process is best
   * @param {string} options.scope
   */
  constructor(options) {
    this.options = options;
  }

  /** Asks the graph. Gives `{ data, errors }`; throws where the door refuses the request as a whole. */
  async query(query, variables = {}) {
    const first = await this.#send(query, variables);
    const response = first.status === 401 ? await this.#sendAnew(query, variables) : first;
    const body = await response.json();
    if (response.status === 401 || body.data === undefined) {
      throw new Error(`the door refused: HTTP ${response.status} ${JSON.stringify(body.errors ?? body)}`);
    }
    return body;
  }

  /**
   * A token of the second in which a key was retired ends with those before: docs/partners/onboarding.md. So would another of
   * that second; one of the next is good.
   */
  async #sendAnew(query, variables) {
    this.forgetToken();
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    return this.#send(query, variables);
  }

  async #send(query, variables) {
    const { door } = this.options;
    const token = await this.#accessToken();
    return this.#withProof(door, { ath: createHash('sha256').update(token).digest('base64url') }, (proof) =>
      fetch(door, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `DPoP ${token}`, dpop: proof },
        body: JSON.stringify({ query, variables }),
      }),
    );
  }

  /** Gives the token of now. */
  token() {
    return this.#accessToken();
  }

  /** Proves to Tael that the bank has the private half of a key that it is about to add: docs/partners/onboarding.md. */
  proofOfKey(key) {
    return new SignJWT({ client_id: this.options.clientId })
      .setProtectedHeader({ alg: 'ES256', kid: key.kid, typ: 'tael-partner-key+jwt' })
      .setAudience('urn:tael:partner-key')
      .setIssuedAt()
      .sign(key.privateKey);
  }

  /** Forgets the token, so that the next query gets a new one. */
  forgetToken() {
    this.#token = undefined;
  }

  async #accessToken() {
    if (this.#token && this.#token.until > Date.now()) return this.#token.value;
    const { issuer, clientId, key, scope, door } = this.options;
    const endpoint = await this.#tokenEndpoint();
    const ask = async (proof) => {
      const assertion = await new SignJWT({})
        .setProtectedHeader({ alg: 'ES256', kid: key.kid })
        .setIssuer(clientId)
        .setSubject(clientId)
        .setAudience(issuer)
        .setIssuedAt()
        .setExpirationTime('60s')
        .setJti(randomUUID())
        .sign(key.privateKey);
      const form = {
        grant_type: 'client_credentials',
        scope,
        resource: door,
        client_id: clientId,
        client_assertion_type: ASSERTION,
        client_assertion: assertion,
      };
      return fetch(endpoint, { method: 'POST', headers: { dpop: proof }, body: new URLSearchParams(form) });
    };
    const response = await this.#withProof(endpoint, {}, ask);
    const answer = await response.json();
    if (!response.ok)
      throw new Error(`no token: HTTP ${response.status} ${answer.error} ${answer.error_description ?? ''}`);
    this.#token = { value: answer.access_token, until: Date.now() + answer.expires_in * 1000 - EARLY_MS };
    return this.#token.value;
  }

  async #tokenEndpoint() {
    if (this.#endpoint) return this.#endpoint;
    const response = await fetch(`${this.options.issuer}/.well-known/openid-configuration`);
    if (!response.ok) throw new Error(`the issuer tells nothing of itself: HTTP ${response.status}`);
    this.#endpoint = (await response.json()).token_endpoint;
    return this.#endpoint;
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
