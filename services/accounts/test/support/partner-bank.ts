import { randomUUID } from 'node:crypto';
import { dispatcher, type EventData, toMessage } from '@tael/events';
import { CERTIFICATE_HEADER, IDENTITY_HEADER, type Identity, signIdentity } from '@tael/platform/identity';
import { inTransaction } from '@tael/platform/postgres';
import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import { accountsHandlers } from '../../src/events/accounts.consumer';
import type { PeopleWorld } from '../people-world';

export const ISSUER = 'https://api.tael.example/partner/oauth';
export const AUDIENCE = 'https://api.tael.example/partner/graphql';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** A public key as `partner.changed` tells it. */
export type PublicJwk = JWK & { readonly kid: string; readonly kty: string; readonly alg: string };

export interface Key {
  readonly alg: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: PublicJwk;
  readonly thumbprint: string;
}

/** A key pair; its public half is what a bank registers. */
export async function makeKey(alg: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const kid = randomUUID();
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg } as PublicJwk;
  return { alg, kid, privateKey, publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk) };
}

export const seconds = (): number => Math.floor(Date.now() / 1_000);

export interface Client {
  readonly id: string;
  readonly key: Key;
}

/** Claims and header in place of the usual ones; undefined takes one away. */
export interface Change {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: Key;
}

/** Signs who the client is. */
export function assertion(client: Client, { claims = {}, header = {}, key = client.key }: Change = {}): Promise<string> {
  const payload = { iss: client.id, sub: client.id, aud: ISSUER, jti: randomUUID(), iat: seconds(), exp: seconds() + 60, ...claims };
  return new SignJWT(payload as JWTPayload).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey);
}

/** Signs that the request comes from whoever has the key that the token is bound to. */
export function proof(key: Key, { claims = {}, header = {} }: Change = {}): Promise<string> {
  const { kid: _kid, alg: _alg, ...jwk } = key.publicJwk;
  const payload = { htm: 'POST', htu: `${ISSUER}/token`, jti: randomUUID(), iat: seconds(), ...claims };
  return new SignJWT(payload as JWTPayload)
    .setProtectedHeader({ typ: 'dpop+jwt', alg: key.alg, jwk, ...header }).sign(key.privateKey);
}

export interface Answer {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  readonly headers: Record<string, unknown>;
}

export interface Sent {
  /** A list gives a field more than once. */
  readonly form?: Record<string, string | readonly string[] | undefined>;
  readonly headers?: Record<string, string>;
  readonly certificate?: Buffer;
  readonly identity?: Partial<Identity>;
}

/** Sends a request to the authorization server as the gateway does: signed for its body. */
export async function send(world: PeopleWorld, method: 'GET' | 'POST', path: string, sent: Sent = {}): Promise<Answer> {
  const fields = Object.entries(sent.form ?? {}).flatMap(([name, given]) => [given ?? []].flat().map((value): [string, string] => [name, value]));
  const payload = method === 'POST' ? new URLSearchParams(fields).toString() : '';
  const identity: Identity = {
    principal: null, locale: 'en', reference: 'test', traceparent: '', address: '192.0.2.1', ...sent.identity,
  };
  const response = await world.app.server.inject({
    method, url: `/partner/oauth${path}`,
    ...(method === 'POST' ? { payload } : {}),
    headers: {
      ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
      [IDENTITY_HEADER]: signIdentity(identity, payload, world.settings.IDENTITY_KEYS, world.now().getTime()),
      ...(sent.certificate ? { [CERTIFICATE_HEADER]: sent.certificate.toString('base64') } : {}),
      ...sent.headers,
    },
  });
  return { status: response.statusCode, body: response.json(), headers: response.headers };
}

export interface Asked extends Sent {
  readonly assertion?: string;
  readonly proof?: string | undefined;
}

/** Asks for a token: with an assertion and a proof by the client's own key, unless told. */
export async function askForToken(world: PeopleWorld, client: Client, asked: Asked = {}): Promise<Answer> {
  const given = 'proof' in asked ? asked.proof : await proof(client.key);
  const form = {
    grant_type: 'client_credentials', scope: 'partner:read', client_assertion_type: ASSERTION_TYPE,
    client_assertion: asked.assertion ?? (await assertion(client)), ...asked.form,
  };
  return send(world, 'POST', '/token', { ...asked, form, headers: { ...(given ? { dpop: given } : {}), ...asked.headers } });
}

type State = EventData<'partner.changed'>;

/** Tells accounts of a partner's state, as the consumer does; gives the state. */
export async function tellPartner(world: PeopleWorld, change: Partial<State> = {}): Promise<State> {
  const state: State = {
    partnerId: uuidv7(), version: 1, name: 'v1.s1.AAAAAAAAAAAAAAAA.AAAA', status: 'ACTIVE', environment: 'SANDBOX', rate: { perSecond: 50, burst: 500 }, clients: [],
    occurredAt: world.now(), ...change,
  };
  const message = toMessage('partner.changed', state, { source: 'test', time: state.occurredAt });
  await inTransaction(world.dataSource, (tx) => dispatcher(accountsHandlers)(tx, message));
  return state;
}

/** A client of a state, active and with the scope to read, unless told. */
export function clientOf(client: Client, change: Partial<State['clients'][number]> = {}): State['clients'][number] {
  return {
    clientId: client.id, status: 'ACTIVE', authentication: 'private_key_jwt', scopes: ['partner:read', 'keys:manage'],
    keys: [client.key.publicJwk], tokensRefusedUntil: null, redirectUris: [], ...change,
  };
}

/** A bank with one client that signs in by a key. */
export async function openPartner(world: PeopleWorld, alg = 'ES256'): Promise<{ client: Client; state: State }> {
  const client = { id: uuidv7(), key: await makeKey(alg) };
  return { client, state: await tellPartner(world, { clients: [clientOf(client)] }) };
}
