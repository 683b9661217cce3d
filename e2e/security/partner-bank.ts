import { eventually } from '@tael/testkit';
import { createHash, randomUUID } from 'node:crypto';
import { type CryptoKey, SignJWT } from 'jose';
import { join } from 'node:path';
import { stack } from '../stack';
import { must, operator } from '../world';

// The keys, the registration and the tokens are those of examples/partner-bank: a bank comes in here by the public doors alone.
const CLIENT = join(__dirname, '..', '..', 'examples', 'partner-bank', 'client');
const BASE = stack.gatewayUrl.replace(/\/graphql$/, '');
export const DOOR = `${BASE}/partner/graphql`;

export interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly bare: object;
  readonly jwk: object;
}
interface Tokens {
  token(): Promise<string>;
  forgetToken(): void;
  proofOfKey(key: Key): Promise<string>;
}
interface Example {
  makeKey(): Promise<Key>;
  register(options: { graph: string; invitation: string; key: Key }): Promise<{ clientId: string; partnerId: string }>;
  TaelClient: new (options: object) => Tokens;
}

async function example(): Promise<Example> {
  const parts = await Promise.all(['keys.js', 'registration.js', 'tael.js'].map((file) => import(join(CLIENT, file)) as Promise<object>));
  return Object.assign({}, ...parts) as Example;
}

/** An answer to the byte, without the reference of its errors, which is another in every answer. */
export interface Answer {
  readonly status: number;
  readonly cost: string | null;
  readonly text: string;
  readonly body: any;
}

const withoutReference = (text: string): string => text.replace(/"(reference|requestId)":"[0-9a-f]{32}"/g, '"$1":""');

/** A client of a bank with a token of some scopes. */
export class BankClient {
  #nonce: string | undefined;

  constructor(private readonly tokens: Tokens, private readonly proofKey: Key) {}

  /** The access token of now. */
  token(): Promise<string> {
    return this.tokens.token();
  }

  /** Forgets the token, so that the next request has a new one. */
  forgetToken(): void {
    this.tokens.forgetToken();
  }

  /** Asks at the partners' door, and gives the answer whatever it is. */
  ask(query: string, variables: object = {}): Promise<Answer> {
    return this.post({ query, variables });
  }

  /** Sends a body, such as one with the id of a document. */
  async post(body: object): Promise<Answer> {
    const token = await this.tokens.token();
    let response = await this.#send(token, body);
    if (response.status === 401 && response.headers.get('www-authenticate')?.includes('use_dpop_nonce')) {
      await response.arrayBuffer();
      response = await this.#send(token, body);
    }
    const text = withoutReference(await response.text());
    return { status: response.status, cost: response.headers.get('x-tael-cost'), text, body: JSON.parse(text) };
  }

  /** A proof for one request with this token, at this address; the nonce is that of the door, unless told. */
  proof(token: string, url = DOOR, nonce = this.#nonce): Promise<string> {
    const ath = createHash('sha256').update(token).digest('base64url');
    return new SignJWT({ htm: 'POST', htu: url, jti: randomUUID(), ath, ...(nonce ? { nonce } : {}) })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: this.proofKey.bare as never }).setIssuedAt().sign(this.proofKey.privateKey);
  }

  async #send(token: string, body: object): Promise<Response> {
    const response = await fetch(DOOR, {
      method: 'POST', body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', authorization: `DPoP ${token}`, dpop: await this.proof(token) },
    });
    this.#nonce = response.headers.get('dpop-nonce') ?? this.#nonce;
    return response;
  }
}

/** A bank with one client, which may ask for all the scopes that it was invited with. */
export interface Bank {
  readonly name: string;
  readonly partnerId: string;
  readonly clientId: string;
  readonly key: Key;
  /** A client with a token of all scopes. */
  readonly client: BankClient;
  /** The same client with a token of these scopes alone. */
  withScopes(scopes: readonly string[]): BankClient;
  /** One more key, with the proof that the client has it. */
  newKey(): Promise<{ key: Key; proof: string }>;
}

/** Invites a bank, and registers its client. */
export async function newBank(name: string, scopes: readonly string[], environment: 'SANDBOX' | 'PRODUCTION' = 'SANDBOX'): Promise<Bank> {
  const { makeKey, register, TaelClient } = await example();
  const staff = await operator();
  const { invitePartner } = await must<any>(staff.client,
    'mutation ($input: InvitePartnerInput!) { invitePartner(input: $input) { invitation { code } partner { id } userErrors { code message } } }',
    { input: { name, environment, scopes, reason: 'The matrix of banks' } });
  // The matrix asks more in a minute than a bank does in a day.
  await must(staff.client, 'mutation ($input: SetPartnerRateInput!) { setPartnerRate(input: $input) { userErrors { code } } }',
    { input: { partnerId: invitePartner.partner.id, perSecond: 10_000, burst: 1_000_000, reason: 'The matrix of banks' } });
  const [key, proofKey] = await Promise.all([makeKey(), makeKey()]);
  const { clientId, partnerId } = await register({ graph: stack.gatewayUrl, invitation: invitePartner.invitation.code, key });
  const tokensOf = (asked: readonly string[]) =>
    new TaelClient({ issuer: `${BASE}/partner/oauth`, door: DOOR, clientId, key, proofKey, scope: asked.join(' ') });
  const all = tokensOf(scopes);
  // The token endpoint hears of a new client by an event.
  await eventually(() => all.token(), { describe: 'the new client gets a token', timeoutMs: 30_000 });
  return {
    name, partnerId, clientId, key, client: new BankClient(all, proofKey),
    withScopes: (asked) => new BankClient(tokensOf(asked), proofKey),
    async newKey() {
      const more = await makeKey();
      return { key: more, proof: await all.proofOfKey(more) };
    },
  };
}
