// The bank at its own door of Tael's graph: docs/partners/tokens.md and docs/partners/door.md.
import { SignJWT } from 'jose';
import { TaelConnection } from './connection.js';

/** A token is asked for anew so long before it ends. */
const EARLY_MS = 30_000;

export class TaelClient {
  #token;

  /** @param {object} options those of {@link TaelConnection}, and `scope` */
  constructor(options) {
    this.options = options;
    this.connection = new TaelConnection(options);
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

  /** A token that is refused was got with a key that was retired, or before the client was shut out: docs/partners/onboarding.md. */
  #sendAnew(query, variables) {
    this.forgetToken();
    return this.#send(query, variables);
  }

  async #send(query, variables) {
    return this.connection.graph(await this.token(), query, variables);
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

  /** Gives the token of now. */
  async token() {
    if (this.#token && this.#token.until > Date.now()) return this.#token.value;
    const { scope, door } = this.options;
    const { token_endpoint: endpoint } = await this.connection.metadata();
    const { status, body } = await this.connection.post(endpoint, {
      grant_type: 'client_credentials',
      scope,
      resource: door,
    });
    if (status !== 200) throw new Error(`no token: HTTP ${status} ${body.error} ${body.error_description ?? ''}`);
    this.#token = { value: body.access_token, until: Date.now() + body.expires_in * 1000 - EARLY_MS };
    return this.#token.value;
  }
}
