import { createHash, createPublicKey, randomUUID } from 'node:crypto';
import { type CryptoKey, type JWTPayload, SignJWT } from 'jose';
import { stack } from '../stack';
import { type Bank, DOOR, type Key } from './partner-bank';

export const ISSUER = DOOR.replace(/graphql$/, 'oauth');
export const TOKEN_ENDPOINT = `${ISSUER}/token`;
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** In place of what is usual; undefined takes a claim away. */
export interface Change {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly by?: CryptoKey;
}

/** What was answered, with what says why: a code of GraphQL or of OAuth, and the challenge of the door. */
export interface Told {
  readonly status: number;
  readonly code: string | undefined;
  readonly challenge: string | null;
  readonly body: any;
}

export const seconds = (): number => Math.floor(Date.now() / 1_000);
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;

/** The same JWT, signed by nobody. */
export function unsigned(jwt: string): string {
  const [header, claims] = jwt.split('.') as [string, string];
  return `${encode({ ...decode(header), alg: 'none' })}.${claims}.`;
}

/** The same JWT by HS256 with a public key as the secret, in each form that somebody could take for one. */
export async function byPublicKey(jwt: string, jwk: object): Promise<string[]> {
  const [header, claims] = jwt.split('.').slice(0, 2).map((part) => decode(part!)) as [Record<string, unknown>, JWTPayload];
  const key = createPublicKey({ key: jwk as never, format: 'jwk' });
  const secrets = [Buffer.from(JSON.stringify(jwk)), Buffer.from(key.export({ type: 'spki', format: 'pem' })), key.export({ type: 'spki', format: 'der' })];
  return Promise.all(secrets.map((secret) => new SignJWT(claims).setProtectedHeader({ ...header, alg: 'HS256' }).sign(secret)));
}

/** The same JWT with other claims and the signature that it had. */
export function altered(jwt: string, claims: object): string {
  const [header, body, signature] = jwt.split('.') as [string, string, string];
  return `${header}.${encode({ ...decode(body), ...claims })}.${signature}`;
}

async function told(response: Response): Promise<Told> {
  const body: any = await response.json();
  return { status: response.status, code: body.error ?? body.errors?.[0]?.extensions?.code, challenge: response.headers.get('www-authenticate'), body };
}

/** Makes each part of a bank's requests by itself, good or not. */
export class Forger {
  #nonce: string | undefined;

  constructor(readonly bank: Bank, readonly proofKey: Key) {}

  assertion({ claims = {}, header = {}, by = this.bank.key.privateKey }: Change = {}): Promise<string> {
    const { clientId } = this.bank;
    return new SignJWT({ iss: clientId, sub: clientId, aud: ISSUER, jti: randomUUID(), iat: seconds(), exp: seconds() + 60, ...claims } as JWTPayload)
      .setProtectedHeader({ alg: 'ES256', kid: this.bank.key.kid, ...header }).sign(by);
  }

  /** A proof for the token endpoint, or with `ath` for the door. */
  proof(htu: string, { claims = {}, header = {}, by = this.proofKey.privateKey }: Change = {}): Promise<string> {
    const payload = { htm: 'POST', htu, jti: randomUUID(), iat: seconds(), ...claims } as JWTPayload;
    return new SignJWT(payload).setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: this.proofKey.bare as never, ...header }).sign(by);
  }

  doorProof(token: string, { claims = {}, ...rest }: Change = {}): Promise<string> {
    const ath = createHash('sha256').update(token).digest('base64url');
    return this.proof(DOOR, { claims: { ath, nonce: this.#nonce, ...claims }, ...rest });
  }

  async askForToken({ assertion, proof }: { assertion?: string; proof?: string } = {}): Promise<Told> {
    const form = { grant_type: 'client_credentials', scope: 'partner:read', resource: DOOR, client_assertion_type: ASSERTION, client_assertion: assertion ?? (await this.assertion()) };
    const dpop = proof ?? (await this.proof(TOKEN_ENDPOINT));
    return told(await fetch(TOKEN_ENDPOINT, { method: 'POST', headers: { dpop }, body: new URLSearchParams(form) }));
  }

  /** Asks at the door with these headers, once. The nonce of the answer is kept for the next proof. */
  async ask(headers: Record<string, string>): Promise<Told> {
    const response = await fetch(DOOR, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{"query":"{ partner { id } }"}' });
    this.#nonce = response.headers.get('dpop-nonce') ?? this.#nonce;
    return told(response);
  }

  /** Asks as it should be done. */
  async askWell(token: string): Promise<Told> {
    return this.ask({ authorization: `DPoP ${token}`, dpop: await this.doorProof(token) });
  }
}

/** The public key that signs partners' tokens. */
export async function tokenKey(kid: string): Promise<object> {
  const { keys } = (await (await fetch(`${ISSUER}/jwks`)).json()) as { keys: { kid: string }[] };
  return keys.find((key) => key.kid === kid)!;
}

/** Sends to the door of people. */
export async function askAsPerson(headers: Record<string, string>): Promise<Told> {
  return told(await fetch(stack.gatewayUrl, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{"query":"{ viewer { id } }"}' }));
}
