import type { Identity, PartnerScope } from '@tael/platform/identity';
import { newKeyPair } from '@tael/testkit';
import { createHash, createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import { certificateOf } from './certificates';
import { nobody, operator, type Subject } from './support';

export interface Pair {
  readonly alg: 'ES256' | 'PS256';
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: JsonWebKey & { kid: string };
}

let made = 0;

/** Makes a key pair that no other test has. */
export function newPair(alg: Pair['alg'] = 'ES256', kid = `key-${(made += 1)}`): Pair {
  const pair = newKeyPair(alg === 'ES256' ? 'P-256' : 'RSA-2048');
  return { alg, kid, ...pair, jwk: { ...pair.publicKey.export({ format: 'jwk' }), kid } };
}

const DAY_MS = 86_400_000;

/** A certificate of the pair, valid for a year unless told; issued by itself unless told. */
export function certify(pair: Pair, { from = -DAY_MS, to = 365 * DAY_MS, issuer = pair }: { from?: number; to?: number; issuer?: Pair } = {}): string {
  const now = Date.now();
  return certificateOf(pair.publicKey, issuer.privateKey, { from: new Date(now + from), to: new Date(now + to) });
}

export const hashOf = (code: string): string => createHash('sha256').update(code).digest('base64url');

interface ProofOptions {
  readonly header?: object;
  readonly payload?: JWTPayload;
  /** Seconds since it was issued. */
  readonly age?: number;
}

async function prove(pair: Pair, typ: string, payload: JWTPayload, options: ProofOptions): Promise<string> {
  const iat = Math.floor(Date.now() / 1000) - (options.age ?? 0);
  return new SignJWT({ ...payload, iat, ...options.payload })
    .setProtectedHeader({ alg: pair.alg, typ, kid: pair.kid, ...options.header })
    .sign(createPrivateKey(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })));
}

/** What a bank signs to register a key with an invitation. */
export const registrationProof = (pair: Pair, code: string, options: ProofOptions = {}): Promise<string> =>
  prove(pair, 'tael-partner-registration+jwt', { aud: 'urn:tael:partner-registration', invitation: hashOf(code) }, options);

/** What a client signs to add a key. */
export const additionProof = (pair: Pair, clientId: string, options: ProofOptions = {}): Promise<string> =>
  prove(pair, 'tael-partner-key+jwt', { aud: 'urn:tael:partner-key', client_id: clientId }, options);

const CLIENT = '{ id authentication status scopes tokensRefusedUntil keys { kid thumbprint status revokedAt } }';
const PARTNER = `{ id name environment status rate { perSecond burst costMax } clients ${CLIENT} }`;
const ERRORS = 'userErrors { code field message }';

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** Calls a mutation of partners and gives its payload. */
export async function call(subject: Subject, as: Identity, mutation: string, input: object): Promise<any> {
  const shown: Record<string, string> = {
    registerPartnerClient: `partnerId client ${CLIENT}`,
    invitePartner: `partner ${PARTNER} invitation { code expiresAt }`,
    renewPartnerInvitation: `partner ${PARTNER} invitation { code expiresAt }`,
  };
  const query = `mutation ($input: ${capital(mutation)}Input!) { ${mutation}(input: $input) { ${shown[mutation] ?? `partner ${PARTNER}`} ${ERRORS} } }`;
  const answer = await subject.ask(as, query, { input });
  expect(answer.errors).toBeUndefined();
  return answer.data[mutation];
}

export const SCOPES: readonly PartnerScope[] = ['partner:read', 'keys:manage', 'webhooks:manage'];

/** Invites a bank; gives its id and the code. */
export async function invite(subject: Subject, input: object = {}): Promise<{ partnerId: string; code: string }> {
  const { partner, invitation, userErrors } = await call(subject, operator(), 'invitePartner', {
    name: 'First Bank', environment: 'SANDBOX', scopes: SCOPES, reason: 'Contract 7', ...input,
  });
  expect(userErrors).toEqual([]);
  return { partnerId: partner.id, code: invitation.code };
}

export interface Bank {
  readonly partnerId: string;
  readonly clientId: string;
  readonly pair: Pair;
  /** As the gateway signs a request with a token of the client. */
  readonly as: Identity;
}

/** The identity that the gateway makes of a token with these scopes. */
export const bankIdentity = (partnerId: string, clientId: string, scopes: readonly PartnerScope[] = SCOPES): Identity => ({
  ...nobody, partner: { partnerId, clientId, scopes },
});

/** Registers a client with a code; gives the payload. */
export async function registerClient(subject: Subject, code: string, pair: Pair): Promise<any> {
  const proof = await registrationProof(pair, code);
  return call(subject, nobody, 'registerPartnerClient', { invitation: code, jwks: JSON.stringify({ keys: [pair.jwk] }), proof });
}

/** A bank that was invited and has registered a client with one key. */
export async function newBank(subject: Subject, input: object = {}): Promise<Bank> {
  const { partnerId, code } = await invite(subject, input);
  const pair = newPair();
  const { client, userErrors } = await registerClient(subject, code, pair);
  expect(userErrors).toEqual([]);
  return { partnerId, clientId: client.id, pair, as: bankIdentity(partnerId, client.id) };
}

/** Adds a key to the bank's client. */
export async function addKey(subject: Subject, bank: Bank, pair: Pair): Promise<any> {
  return call(subject, bank.as, 'addPartnerKey', { jwk: JSON.stringify(pair.jwk), proof: await additionProof(pair, bank.clientId) });
}

/** The bank as it sees itself. */
export async function own(subject: Subject, as: Identity): Promise<any> {
  const answer = await subject.ask(as, `{ partner ${PARTNER} }`);
  expect(answer.errors).toBeUndefined();
  return answer.data.partner;
}

/** The newest event about a partner. */
export async function lastEvent(subject: Subject, partnerId: string): Promise<any> {
  return (await subject.events(partnerId)).at(-1)!.data;
}

/** Refusals without their texts. */
export const codes = (payload: any): string[] => payload.userErrors.map(({ code, field }: any) => `${field?.join('.')} ${code}`);
/** The texts of refusals, which tell reasons apart. */
export const texts = (payload: any): string => payload.userErrors.map(({ message }: any) => message).join(' ');
