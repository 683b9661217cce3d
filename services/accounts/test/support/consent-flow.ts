import { createHash, randomBytes } from 'node:crypto';
import { IDENTITY_HEADER, type Identity, signIdentity } from '@tael/platform/identity';
import { createSealer } from '@tael/platform/seal';
import { decodeJwt } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import type { NewPerson, PeopleWorld } from '../people-world';
import { type Answer, type Asked, askForToken, assertion, type Client, clientOf, ISSUER, makeKey, proof, send, tellPartner } from './partner-bank';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const SCOPES = 'wallets:read transactions:read';

/** A bank that may ask people for their consent. */
export interface ConsentBank extends Client {
  readonly partnerId: string;
  readonly name: string;
  readonly redirectUri: string;
}

export async function openConsentBank(world: PeopleWorld, name: string, change: Partial<ReturnType<typeof clientOf>> = {}): Promise<ConsentBank> {
  const client = { id: uuidv7(), key: await makeKey('ES256') };
  const [partnerId, redirectUri] = [uuidv7(), `https://${name.toLowerCase()}.example/back`];
  await tellPartner(world, {
    partnerId, name: createSealer(world.settings.SEAL_KEYS).seal(name, partnerId),
    clients: [clientOf(client, { scopes: ['partner:read', 'wallets:read', 'transactions:read'], redirectUris: [redirectUri], ...change })],
  });
  return { ...client, partnerId, name, redirectUri };
}

/** What a bank keeps of a request while the person answers. */
export interface Pushed {
  readonly verifier: string;
  readonly state: string;
  readonly requestUri: string;
}

/** Pushes a request; `form` stands in place of the usual, undefined takes a field away. */
export async function push(
  world: PeopleWorld, bank: ConsentBank, { form = {}, by = bank, proof: given, headers }: { form?: Asked['form']; by?: Client } & Pick<Asked, 'proof' | 'headers'> = {},
): Promise<Answer & { pushed: Pushed }> {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const answer = await send(world, 'POST', '/par', {
    form: {
      response_type: 'code', redirect_uri: bank.redirectUri, scope: SCOPES, state, client_id: bank.id,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
      client_assertion_type: ASSERTION_TYPE, client_assertion: await assertion(by), ...form,
    },
    headers: { ...(given === undefined ? {} : { dpop: given }), ...headers },
  });
  return { ...answer, pushed: { verifier, state, requestUri: answer.body.request_uri } };
}

export interface Seen {
  readonly status: number;
  readonly html: string;
  readonly headers: Record<string, unknown>;
  /** Where a browser goes on to from here: by a redirect, or because the page says so. */
  readonly location: string | undefined;
}

const REFRESH = /<meta http-equiv="refresh" content="0;url=([^"]+)">/;

/** A person's browser, as far as the pages need one: it keeps cookies by their paths. */
export class Browser {
  private readonly cookies = new Map<string, { value: string; path: string }>();

  constructor(private readonly world: PeopleWorld, private readonly locale = 'en') {}

  /** What it keeps: a copy is what a thief would have. */
  get jar(): ReadonlyMap<string, { value: string; path: string }> {
    return this.cookies;
  }

  take(other: Browser, ...names: string[]): this {
    for (const [key, cookie] of other.jar) if (names.some((name) => key.startsWith(name))) this.cookies.set(key, cookie);
    return this;
  }

  async visit(address: string, form?: Record<string, string | readonly string[]>): Promise<Seen> {
    const url = new URL(address, ISSUER);
    const fields = Object.entries(form ?? {}).flatMap(([name, given]) => [given].flat().map((value): [string, string] => [name, value]));
    const payload = form ? new URLSearchParams(fields).toString() : '';
    const identity: Identity = { principal: null, locale: this.locale, reference: 'test', traceparent: '', address: '192.0.2.1', userAgent: 'Mozilla/5.0 Firefox/130.0' };
    const cookie = [...this.cookies].filter(([, { path }]) => url.pathname.startsWith(path)).map(([key, { value }]) => `${key.split('@')[0]}=${value}`).join('; ');
    const response = await this.world.app.server.inject({
      method: form ? 'POST' : 'GET', url: `${url.pathname}${url.search}`, ...(form ? { payload } : {}),
      headers: {
        ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}), ...(cookie ? { cookie } : {}), 'accept-language': this.locale,
        [IDENTITY_HEADER]: signIdentity(identity, payload, this.world.settings.IDENTITY_KEYS, this.world.now().getTime()),
      },
    });
    for (const line of [response.headers['set-cookie'] ?? []].flat()) this.keep(line);
    return { status: response.statusCode, html: response.payload, headers: response.headers, location: response.headers.location ?? REFRESH.exec(response.payload)?.[1] };
  }

  private keep(line: string): void {
    const [pair = '', ...attributes] = line.split(/; */);
    const [name = '', value = ''] = pair.split('=');
    const path = attributes.find((one) => one.toLowerCase().startsWith('path='))?.slice(5) ?? '/';
    if (value === '') this.cookies.delete(`${name}@${path}`);
    else this.cookies.set(`${name}@${path}`, { value, path });
  }
}

export const authorizeAddress = (bank: Client, { requestUri }: Pick<Pushed, 'requestUri'>): string =>
  `${ISSUER}/authorize?${new URLSearchParams({ client_id: bank.id, request_uri: requestUri }).toString()}`;

/** Brings a browser to the page that asks; gives its address. */
export async function toPage(browser: Browser, bank: Client, pushed: Pushed): Promise<string> {
  const { status, location, html } = await browser.visit(authorizeAddress(bank, pushed));
  if (status !== 303 || !location?.includes('/consent/')) throw new Error(`no page: ${status} ${location} ${html}`);
  return location;
}

export async function signInAt(browser: Browser, page: string, person: Pick<NewPerson, 'email' | 'password'>): Promise<Seen> {
  return browser.visit(page, { step: 'sign-in', email: person.email, password: person.password });
}

/** Goes on from the answer to where the bank gets it; gives what it gets. */
export async function answerOf(browser: Browser, seen: Seen): Promise<URLSearchParams> {
  if (!seen.location?.includes('/authorize/')) throw new Error(`not answered: ${seen.status} ${seen.html}`);
  const { status, location, html } = await browser.visit(seen.location!);
  if (status !== 303) throw new Error(`no answer for the bank: ${status} ${html}`);
  return new URL(location!).searchParams;
}

/** The whole way of a person who says yes; gives what the bank is told. */
export async function allow(
  world: PeopleWorld, bank: ConsentBank, person: NewPerson, { walletIds = [person.walletId], form = {} }: { walletIds?: readonly string[]; form?: Asked['form'] } = {},
): Promise<{ code: string; pushed: Pushed; browser: Browser; page: string }> {
  const { pushed, status, body } = await push(world, bank, { form });
  if (status !== 201) throw new Error(JSON.stringify(body));
  const browser = new Browser(world);
  const page = await toPage(browser, bank, pushed);
  await signInAt(browser, page, person);
  const answer = await answerOf(browser, await browser.visit(page, { step: 'allow', wallet: walletIds }));
  return { code: answer.get('code')!, pushed, browser, page };
}

/** Asks for a token by a code, as the bank that pushed the request, unless told. */
export async function redeem(
  world: PeopleWorld, bank: ConsentBank, { code, pushed }: { code: string; pushed: Pushed }, change: Asked & { by?: Client } = {},
): Promise<Answer> {
  const { by = bank, form, ...rest } = change;
  return askForToken(world, by, {
    ...rest, form: { grant_type: 'authorization_code', scope: undefined, code, redirect_uri: bank.redirectUri, code_verifier: pushed.verifier, ...form },
  });
}

/** Asks the graph as the gateway does for a bank with this token. */
export async function askAsBank(world: PeopleWorld, accessToken: string, query: string): Promise<Pick<Answer, 'body'>['body']> {
  const { partner_id: partnerId, client_id: clientId, consent_id: consentId, scope } = decodeJwt(accessToken) as Record<string, string>;
  const consent = consentId === undefined ? {} : { consent: { consentId, scopes: scope!.split(' ') } };
  const payload = JSON.stringify({ query });
  const identity = {
    principal: null, partner: { partnerId, clientId, scopes: consentId === undefined ? scope!.split(' ') : [], ...consent },
    locale: 'en', reference: 'test', traceparent: '', address: '192.0.2.1',
  } as unknown as Identity;
  const response = await world.app.server.inject({
    method: 'POST', url: '/graphql', payload,
    headers: { 'content-type': 'application/json', [IDENTITY_HEADER]: signIdentity(identity, payload, world.settings.IDENTITY_KEYS, world.now().getTime()) },
  });
  return response.json();
}

export { proof };
