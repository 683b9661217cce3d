import { eventually } from '@tael/testkit';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { type IncomingHttpHeaders, request } from 'node:http';
import { stack } from './stack';
import { anonymous, must, operator, type Person } from './world';

const base = stack.gatewayUrl.replace(/\/graphql$/, '');
export const issuer = `${base}/partner/oauth`;
export const door = `${base}/partner/graphql`;
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const SCOPES = 'wallets:read transactions:read';

export interface Answer {
  readonly status: number;
  readonly body: any;
}

interface Key {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function newKey(): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { kid: await calculateJwkThumbprint(jwk), privateKey, jwk };
}

/** A bank that asks people for their consent, as docs/partners/consent.md says; it signs everything with one key. */
export class ConsentBank {
  private nonce: string | undefined;

  private constructor(readonly clientId: string, readonly partnerId: string, readonly key: Key, readonly redirectUri: string) {}

  /** Registers a bank by invitation, with one address that people are sent back to, and with more scopes of its own. */
  static async open(name: string, more: readonly string[] = []): Promise<ConsentBank> {
    const [staff, key] = [await operator(), await newKey()];
    const { invitePartner } = await must<any>(staff.client,
      'mutation ($input: InvitePartnerInput!) { invitePartner(input: $input) { invitation { code } userErrors { code } } }',
      { input: { name, environment: 'SANDBOX', scopes: ['partner:read', 'keys:manage', 'webhooks:manage', ...SCOPES.split(' '), ...more], reason: 'a test' } });
    const { code } = invitePartner.invitation;
    const proof = await new SignJWT({ invitation: createHash('sha256').update(code).digest('base64url') })
      .setProtectedHeader({ alg: 'ES256', typ: 'tael-partner-registration+jwt' }).setAudience('urn:tael:partner-registration').setIssuedAt().sign(key.privateKey);
    const { registerPartnerClient } = await must<any>(anonymous,
      'mutation ($input: RegisterPartnerClientInput!) { registerPartnerClient(input: $input) { partnerId client { id } userErrors { code } } }',
      { input: { invitation: code, jwks: JSON.stringify({ keys: [{ ...key.jwk, kid: key.kid }] }), proof: [proof] } });
    const { partnerId, client } = registerPartnerClient;
    const bank = new ConsentBank(client.id, partnerId, key, `http://localhost:9/${randomUUID()}`);
    await bank.setUp();
    return bank;
  }

  private async setUp(): Promise<void> {
    const token = await eventually(async () => {
      const { status, body } = await this.ask('/token', { grant_type: 'client_credentials', scope: 'keys:manage' });
      expect(status).toBe(200);
      return body.access_token as string;
    }, { describe: 'the new client gets a token', timeoutMs: 15_000 });
    const { body } = await this.graph(token,
      `mutation { setRedirectUris(input: { uris: ["${this.redirectUri}"], reason: "a test" }) { partner { clients { redirectUris } } userErrors { code } } }`);
    expect(body.data.setRedirectUris).toEqual({ partner: { clients: [{ redirectUris: [this.redirectUri] }] }, userErrors: [] });
    await eventually(async () => expect((await this.push()).status).toBe(201), { describe: 'the address is known', timeoutMs: 15_000 });
  }

  proof(htm: string, htu: string, { token, key = this.key }: { token?: string; key?: Key } = {}): Promise<string> {
    const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') };
    return new SignJWT({ htm, htu, jti: randomUUID(), ...ath, ...(this.nonce === undefined ? {} : { nonce: this.nonce }) })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.jwk }).setIssuedAt().sign(key.privateKey);
  }

  private async send(make: () => Promise<Response>): Promise<Answer> {
    const before = this.nonce;
    let response = await make();
    this.nonce = response.headers.get('dpop-nonce') ?? this.nonce;
    if ([400, 401].includes(response.status) && this.nonce !== before) response = await make();
    this.nonce = response.headers.get('dpop-nonce') ?? this.nonce;
    return { status: response.status, body: await response.json() };
  }

  /** Asks the authorization server, signed in; an undefined field is left out. */
  ask(path: '/token' | '/par', form: Record<string, string | undefined>): Promise<Answer> {
    return this.send(async () => {
      const assertion = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid: this.key.kid })
        .setIssuer(this.clientId).setSubject(this.clientId).setAudience(issuer).setJti(randomUUID()).setIssuedAt().setExpirationTime('60s').sign(this.key.privateKey);
      const fields = Object.entries({ client_assertion_type: ASSERTION, client_assertion: assertion, ...form }).filter(([, value]) => value !== undefined);
      return fetch(`${issuer}${path}`, {
        method: 'POST', headers: { dpop: await this.proof('POST', `${issuer}${path}`) }, body: new URLSearchParams(fields as [string, string][]),
      });
    });
  }

  graph(token: string, query: string, key?: Key, variables: object = {}): Promise<Answer> {
    return this.send(async () =>
      fetch(door, {
        method: 'POST', body: JSON.stringify({ query, variables }),
        headers: { 'content-type': 'application/json', authorization: `DPoP ${token}`, dpop: await this.proof('POST', door, { token, ...(key ? { key } : {}) }) },
      }),
    );
  }

  async push(form: Record<string, string | undefined> = {}): Promise<Answer & { verifier: string; state: string }> {
    const [verifier, state] = [randomBytes(32).toString('base64url'), randomUUID()];
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const answer = await this.ask('/par', {
      response_type: 'code', client_id: this.clientId, redirect_uri: this.redirectUri, scope: SCOPES, state,
      code_challenge: challenge, code_challenge_method: 'S256', ...form,
    });
    return { ...answer, verifier, state };
  }

  authorizeAddress(requestUri: string, clientId = this.clientId): string {
    return `${issuer}/authorize?${new URLSearchParams({ client_id: clientId, request_uri: requestUri }).toString()}`;
  }

  redeem({ code, verifier }: { code: string; verifier: string }, form: Record<string, string | undefined> = {}): Promise<Answer> {
    return this.ask('/token', { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: this.redirectUri, ...form });
  }
}

interface Page {
  readonly status: number;
  readonly html: string;
  readonly headers: IncomingHttpHeaders;
}

/** Sends what a browser sends: fetch writes headers of its own about where a request comes from. */
function raw(address: string, body: string | undefined, headers: Record<string, string>): Promise<Page> {
  return new Promise((resolve, reject) => {
    const sent = request(address, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }) },
    }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => resolve({ status: answer.statusCode!, html: Buffer.concat(parts).toString('utf8'), headers: answer.headers }));
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const REFRESH = /<meta http-equiv="refresh" content="0;url=([^"]+)">/;

/** A person's browser, as far as the pages need one. `location` is where it goes on to: by a redirect, or because the page says so. */
export class Browser {
  private readonly cookies = new Map<string, { value: string; path: string }>();

  async visit(address: string, { form, headers = {} }: { form?: Record<string, string>; headers?: Record<string, string> } = {}): Promise<Page & { location: string | undefined }> {
    const { pathname } = new URL(address);
    const cookie = [...this.cookies].filter(([, { path }]) => pathname.startsWith(path)).map(([name, { value }]) => `${name.split('@')[0]}=${value}`).join('; ');
    const response = await raw(address, form && new URLSearchParams(form).toString(), {
      'user-agent': 'Mozilla/5.0 Firefox/130.0', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': form ? 'same-origin' : 'cross-site',
      ...(form ? { origin: 'null' } : {}), ...(cookie ? { cookie } : {}), ...headers,
    });
    for (const line of response.headers['set-cookie'] ?? []) {
      const [pair = '', ...attributes] = line.split(/; */);
      const [name = '', value = ''] = pair.split('=');
      const path = attributes.find((one) => one.toLowerCase().startsWith('path='))?.slice(5) ?? '/';
      if (value) this.cookies.set(`${name}@${path}`, { value, path });
      else this.cookies.delete(`${name}@${path}`);
    }
    const next = response.headers.location ?? REFRESH.exec(response.html)?.[1];
    return { ...response, location: next === undefined ? undefined : new URL(next, address).href };
  }
}

/** Signs a person in at the page and answers; gives where the browser goes on to: the bank's address with the answer. */
export async function answerAt(
  browser: Browser, page: string, person: Pick<Person, 'email' | 'password' | 'walletId'>, step: 'allow' | 'refuse',
): Promise<string> {
  await browser.visit(page, { form: { step: 'sign-in', email: person.email, password: person.password } });
  const answered = await browser.visit(page, { form: step === 'allow' ? { step, wallet: person.walletId } : { step } });
  return (await browser.visit(answered.location!)).location!;
}

/** Brings a person to the page, before they have signed in. */
export async function atDoor(bank: Pick<ConsentBank, 'push' | 'authorizeAddress'>, form: Record<string, string> = {}): Promise<{ browser: Browser; page: string; verifier: string; state: string }> {
  const { body, verifier, state } = await bank.push(form);
  const browser = new Browser();
  const { location: page } = await browser.visit(bank.authorizeAddress(body.request_uri));
  if (!page?.includes('/partner/oauth/consent/')) throw new Error(`no page: ${page}`);
  return { browser, page, verifier, state };
}

/** Brings a person to the page that asks, signed in; gives the page and the browser that is there. */
export async function atPage(
  bank: Parameters<typeof atDoor>[0], person: Pick<Person, 'email' | 'password'>, form: Record<string, string> = {},
): Promise<{ browser: Browser; page: string; verifier: string; state: string }> {
  const { browser, page, verifier, state } = await atDoor(bank, form);
  const { status, html } = await browser.visit(page, { form: { step: 'sign-in', email: person.email, password: person.password } });
  if (status !== 303) throw new Error(`not signed in: ${status} ${html}`);
  return { browser, page, verifier, state };
}

/** A person lets a bank see a wallet; gives what the bank is told. */
export async function allow(
  bank: Parameters<typeof atDoor>[0], person: Person, walletId = person.walletId, form: Record<string, string> = {},
): Promise<{ code: string; verifier: string; state: string; answer: URLSearchParams }> {
  const { browser, page, verifier, state } = await atPage(bank, person, form);
  const answered = await browser.visit(page, { form: { step: 'allow', wallet: walletId } });
  const { location } = await browser.visit(answered.location!);
  const answer = new URL(location!).searchParams;
  return { code: answer.get('code')!, verifier, state, answer };
}
