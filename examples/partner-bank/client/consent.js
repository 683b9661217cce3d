// How the bank asks a person for their consent, and reads what they let it see: docs/partners/consent.md.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const EARLY_MS = 30_000;
const random = () => randomBytes(32).toString('base64url');
const same = (one, other) =>
  one?.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));

const CUSTOMER = `query ($first: Int!) { customer { id subject consentExpiresAt
  wallets { id reference currency balance { amount currency } available { amount }
    transactions(first: $first) { edges { node { id kind amount { amount } balanceAfter { amount } bookedAt } } } } } }`;

async function tokensOf(connection, form) {
  const { token_endpoint: endpoint } = await connection.metadata();
  const { status, body } = await connection.post(endpoint, form);
  if (status === 200) return body;
  const error = new Error(`no token: HTTP ${status} ${body.error} ${body.error_description ?? ''}`);
  throw Object.assign(error, { code: body.error });
}

/**
 * Begins: gives where to send the person's browser, and what is to be kept with their session at the bank until they are back.
 * @param {import('./connection.js').TaelConnection} connection
 * @param {{ redirectUri: string, days: number }} wish
 */
export async function askForConsent(connection, { redirectUri, days }) {
  const [verifier, state] = [random(), random()];
  const metadata = await connection.metadata();
  const { status, body } = await connection.post(metadata.pushed_authorization_request_endpoint, {
    response_type: 'code',
    redirect_uri: redirectUri,
    scope: 'wallets:read transactions:read',
    state,
    consent_days: String(days),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  if (status !== 201) throw new Error(`Tael did not take the request: HTTP ${status} ${body.error} ${body.error_description ?? ''}`);
  const query = new URLSearchParams({ client_id: connection.options.clientId, request_uri: body.request_uri });
  return { address: `${metadata.authorization_endpoint}?${query}`, kept: { verifier, state, redirectUri } };
}

/**
 * Goes on where the person is back. Gives their consent, or undefined where they said no; throws where this is not the answer to
 * what was asked.
 * @param {import('./connection.js').TaelConnection} connection
 * @param {{ verifier: string, state: string, redirectUri: string }} kept
 * @param {URLSearchParams} said what the address says that they came back to
 */
export async function takeAnswer(connection, { verifier, state, redirectUri }, said) {
  if (!same(said.get('state'), state)) throw new Error('this is not the answer to what was asked');
  if (said.get('iss') !== connection.options.issuer) throw new Error('this is the answer of another server');
  if (said.get('error') === 'access_denied') return undefined;
  if (said.has('error')) throw new Error(`Tael says: ${said.get('error')}`);
  const form = { grant_type: 'authorization_code', code: said.get('code'), code_verifier: verifier, redirect_uri: redirectUri };
  return new Consent(connection, await tokensOf(connection, form));
}

/** What a person lets the bank see, for as long as they do. Keep the refresh token as you keep your keys. */
export class Consent {
  #connection;
  #tokens;
  #until = 0;

  constructor(connection, tokens) {
    this.#connection = connection;
    this.#take(tokens);
  }

  /** Gives the person's wallets with their newest bookings; undefined once the consent is over or was taken back. */
  async read(bookings = 20) {
    const token = await this.#token();
    if (token === undefined) return undefined;
    const response = await this.#connection.graph(token, CUSTOMER, { first: bookings });
    const { data, errors } = await response.json();
    if (!data) throw new Error(`the door refused: HTTP ${response.status} ${JSON.stringify(errors)}`);
    return data.customer ?? undefined;
  }

  async #token() {
    if (this.#until > Date.now()) return this.#tokens.access_token;
    try {
      const form = { grant_type: 'refresh_token', refresh_token: this.#tokens.refresh_token };
      this.#take({ ...this.#tokens, ...(await tokensOf(this.#connection, form)) });
      return this.#tokens.access_token;
    } catch (error) {
      // The person has taken it back, or it is over: there is nothing to be tried again.
      if (error.code === 'invalid_grant') return undefined;
      throw error;
    }
  }

  /** Lets the access token of now be the last: the next read gets another. */
  forgetToken() {
    this.#until = 0;
  }

  #take(tokens) {
    this.#tokens = tokens;
    this.#until = Date.now() + tokens.expires_in * 1000 - EARLY_MS;
  }
}
