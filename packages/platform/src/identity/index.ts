import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyEntry } from '../env';

/** The header in which the gateway tells a subgraph who is asking. */
export const IDENTITY_HEADER = 'x-tael-identity';

/** The header in which the gateway passes a client's certificate on (base64 of its DER); the signed identity vouches for it. */
export const CERTIFICATE_HEADER = 'x-tael-client-certificate';

/** How long a signed identity is accepted, in milliseconds; clocks of one site differ by less. */
export const IDENTITY_LIFETIME_MS = 30_000;

export const ROLES = ['CUSTOMER', 'OPERATOR'] as const;
export type Role = (typeof ROLES)[number];

/** The person behind a request, as the gateway read it from a verified access token. */
export interface Principal {
  readonly personId: string;
  readonly sessionId: string;
  readonly roles: readonly Role[];
}

/** What a partner bank may be allowed to do. A token carries the scopes that it was asked for and its client has. */
export const PARTNER_SCOPES = [
  'partner:read', 'keys:manage', 'webhooks:manage', 'documents:publish', 'history:import', 'statements:read', 'subgraph:publish',
] as const;
export type PartnerScope = (typeof PARTNER_SCOPES)[number];

/** What a person may let a bank see of theirs. A token has these by the person's consent alone, and then none of the bank's own. */
export const CONSENT_SCOPES = ['wallets:read', 'transactions:read'] as const;
export type ConsentScope = (typeof CONSENT_SCOPES)[number];

/** The consent of a person that a token is for. Whether it still stands is for whoever reads the data to look up. */
export interface ConsentPrincipal {
  readonly consentId: string;
  readonly scopes: readonly ConsentScope[];
}

/** The partner bank behind a request at the partners' door, as the gateway read it from a verified, bound access token. */
export interface PartnerPrincipal {
  readonly partnerId: string;
  readonly clientId: string;
  /** What is the bank's own; empty where `consent` is. */
  readonly scopes: readonly PartnerScope[];
  /** Where it is not said it is PRODUCTION, of which less is let through. */
  readonly environment?: 'SANDBOX' | 'PRODUCTION' | undefined;
  readonly consent?: ConsentPrincipal | undefined;
}

/**
 * What the door of people keeps at a client, so that a person's device is known again. It authenticates nothing: whoever
 * brings it has proved nothing by it.
 */
export interface DeviceMark {
  readonly mark: string;
  /** Whether the client brought it; else the door gives it with the answer. */
  readonly brought: boolean;
}

/** What the gateway says about one request to a subgraph. `principal` is null where nobody is signed in. */
export interface Identity {
  readonly principal: Principal | null;
  /** A partner bank. There is never a person beside it: who asks for the principal finds nobody. */
  readonly partner?: PartnerPrincipal | undefined;
  /**
   * Somebody whose role demands a second factor and who has none yet. They may set one up and nothing else, so for all
   * who ask for the principal there is nobody.
   */
  readonly settingUp?: Pick<Principal, 'personId' | 'sessionId'> | undefined;
  /** BCP 47 tag for texts of this request. */
  readonly locale: string;
  /** The reference of the client's request: its trace id. */
  readonly reference: string;
  readonly traceparent: string;
  /** The client's address, for limits on sign-in and sign-up. */
  readonly address: string;
  /** What the client calls itself (User-Agent), for the list of a person's devices. */
  readonly userAgent?: string | undefined;
  /** The mark of the client where somebody signs in, for accounts alone; none at doors that keep no marks. */
  readonly device?: DeviceMark | undefined;
  /** The certificate that the client proved to have at the TLS door: SHA-256 of its DER, base64url. */
  readonly certificate?: string | undefined;
}

interface Claims extends Identity {
  readonly issuedAt: number;
  readonly body: string;
}

/**
 * Gives the keys with which the gateway signs for one service, of its own ring. The service is given these and never the ring: so nobody but the gateway
 * can speak to a service for a person, whichever other service was taken over, and what was signed for one is nothing to another. Their ids
 * are others than the ring's, so that a service may have both while one takes the other's place.
 */
export function identityKeysFor(keys: readonly [KeyEntry, ...KeyEntry[]], service: string): [KeyEntry, ...KeyEntry[]] {
  const own = ({ id, key }: KeyEntry): KeyEntry => ({ id: `${id}-own`, key: createHmac('sha256', key).update(`tael/identity-of/${service}`).digest() });
  return [own(keys[0]), ...keys.slice(1).map(own)];
}

/**
 * Gives the keys by which a service takes what it is told: those that it has, and of the gateway's ring, where a service still has that, also its own
 * ones. So a gateway of before and one that signs for each service are both understood.
 */
export function takenIdentityKeys(keys: readonly [KeyEntry, ...KeyEntry[]], service: string): [KeyEntry, ...KeyEntry[]] {
  const ring = keys.filter(({ id }) => !id.endsWith('-own'));
  const [first, ...rest] = ring;
  return first ? [...keys, ...identityKeysFor([first, ...rest], service)] : [...keys];
}

const digest = (body: string): string => createHash('sha256').update(body).digest('base64url');
const mac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(`tael/identity/${text}`).digest();

/** Signs `identity` for one request with this exact `body` (empty for a WebSocket), valid for 30 s from `now` (ms). */
export function signIdentity(identity: Identity, body: string, keys: readonly [KeyEntry, ...KeyEntry[]], now: number): string {
  const claims: Claims = { ...identity, issuedAt: now, body: digest(body) };
  const text = `v1.${keys[0].id}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${text}.${mac(keys[0].key, text).toString('base64url')}`;
}

/**
 * Checks what {@link signIdentity} made against the body that came with it. Gives null for anything that is not whole,
 * not signed by a key of the ring, for another body, older than 30 s or from the future.
 */
export function verifyIdentity(header: string | undefined, body: string, keys: readonly KeyEntry[], now: number): Identity | null {
  const parts = header?.split('.') ?? [];
  if (parts.length !== 4 || parts[0] !== 'v1') return null;
  const key = keys.find((entry) => entry.id === parts[1])?.key;
  if (!key) return null;
  const given = Buffer.from(parts[3]!, 'base64url');
  const wanted = mac(key, parts.slice(0, 3).join('.'));
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
  const claims = JSON.parse(Buffer.from(parts[2]!, 'base64url').toString('utf8')) as Claims;
  if (Math.abs(now - claims.issuedAt) > IDENTITY_LIFETIME_MS || claims.body !== digest(body)) return null;
  const { principal, locale, reference, traceparent, address, userAgent, settingUp, partner, certificate, device } = claims;
  // Rules that ask for a person must not find one where a partner asks.
  if (partner && (principal || settingUp)) return null;
  return {
    principal, locale, reference, traceparent, address,
    ...(partner === undefined ? {} : { partner }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(device === undefined ? {} : { device }),
    ...(settingUp === undefined ? {} : { settingUp }),
    ...(certificate === undefined ? {} : { certificate }),
  };
}
