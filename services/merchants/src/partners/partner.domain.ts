import { readReasonText, type TextFault } from '@tael/platform/text';
import { nameFault, searchable } from '../merchants/merchant.domain';
import { isRedirectUri, REDIRECT_URIS_MAX } from './redirect-uri.domain';

export const PARTNER_STATUSES = ['ACTIVE', 'SUSPENDED'] as const;
export type PartnerStatus = (typeof PARTNER_STATUSES)[number];
export const PARTNER_ENVIRONMENTS = ['SANDBOX', 'PRODUCTION'] as const;
export type PartnerEnvironment = (typeof PARTNER_ENVIRONMENTS)[number];
export type ClientStatus = 'ACTIVE' | 'REVOKED';
export type ClientAuthentication = 'private_key_jwt' | 'self_signed_tls_client_auth';
export type KeyStatus = 'ACTIVE' | 'REVOKED';

export const KEYS_MAX = 5;
/** A client turns its keys some times a year, and all of them at once when it must. */
export const KEYS_A_DAY_MAX = 20;
export const INVITATION_DAYS = 7;
/** What the door of a new partner may be asked for: as much as one person. */
export const DEFAULT_RATE: Rate = { perSecond: 100, burst: 10_000, costMax: null };
const RATE_MAX = { perSecond: 10_000, burst: 1_000_000 };
/** What one operation may cost: from what any client needs to what a gateway can be set to for everybody. */
const COST_MAX = { min: 100, max: 100_000 };

/** Units of cost a second, at once after a rest, and for one operation: null is what the gateway allows everybody. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
  readonly costMax: number | null;
}

/** A rate as it is to be: of the greatest cost nothing need be said, and it stays. */
export type RateCommand = Omit<Rate, 'costMax'> & { readonly costMax?: number | null | undefined };

export interface PartnerKey {
  readonly kid: string;
  /** SHA-256 of the public key as RFC 7638 writes it. */
  readonly thumbprint: string;
  readonly status: KeyStatus;
  readonly addedAt: Date;
  readonly revokedAt: Date | null;
  /** When it ends by itself; null where the bank did not say. */
  readonly expiresAt: Date | null;
}

export interface PartnerClient {
  readonly id: string;
  readonly authentication: ClientAuthentication;
  readonly status: ClientStatus;
  readonly scopes: readonly string[];
  /** Where people may be sent back to with the answer to a consent. */
  readonly redirectUris: readonly string[];
  readonly createdAt: Date;
  readonly tokensRefusedUntil: Date | null;
  readonly keys: readonly PartnerKey[];
}

/** A partner bank as its own people and operators see it. */
export interface Partner {
  readonly id: string;
  readonly name: string;
  readonly environment: PartnerEnvironment;
  readonly status: PartnerStatus;
  readonly rate: Rate;
  readonly createdAt: Date;
  readonly clients: readonly PartnerClient[];
}

export type PartnerRefusal =
  | {
      readonly code: 'INVALID_INPUT';
      readonly reason:
        'EMPTY' | 'TOO_LONG' | 'CHARACTERS' | 'SCOPE' | 'OUT_OF_RANGE' | 'KEYS_OR_CERTIFICATE' | 'PROOF' | 'REDIRECT_URI' | 'TOO_MANY' | KeyFault;
      readonly field: readonly string[];
    }
  | { readonly code: 'NOT_FOUND'; readonly reason?: 'INVITATION'; readonly field: readonly string[] }
  | {
      readonly code: 'NOT_ALLOWED';
      readonly reason: 'PARTNER_SUSPENDED' | 'CLIENT_REVOKED' | 'LAST_KEY' | 'SANDBOX_PARTNER';
      readonly field: readonly string[];
    }
  | { readonly code: 'LIMIT_EXCEEDED'; readonly reason: 'KEYS' | 'KEYS_A_DAY'; readonly field: readonly string[] }
  | { readonly code: 'ALREADY_EXISTS'; readonly reason: 'KEY'; readonly field: readonly string[] };

export type KeyFault = 'PRIVATE_KEY' | 'JWKS' | 'KEY' | 'KEY_ID' | 'CERTIFICATE';

export type Decision<Plan> =
  { readonly ok: true; readonly plan: Plan } | { readonly ok: false; readonly refusals: readonly PartnerRefusal[] };

/** What is refused of a reason alone. */
export interface ReasonRefusal {
  readonly code: 'INVALID_INPUT';
  readonly reason: TextFault;
  readonly field: readonly string[];
}

export type ReasonDecision<Plan> = { readonly ok: true; readonly plan: Plan } | { readonly ok: false; readonly refusals: readonly ReasonRefusal[] };

const refuse = (refusal: PartnerRefusal): { ok: false; refusals: PartnerRefusal[] } => ({
  ok: false,
  refusals: [refusal],
});
const at = (...path: string[]): string[] => ['input', ...path];

/** Reads why something is changed: 1 to 500 characters. */
export function readReason(given: string): ReasonDecision<string> {
  const { reason, fault } = readReasonText(given);
  return fault ? { ok: false, refusals: [{ code: 'INVALID_INPUT', reason: fault, field: at('reason') }] } : { ok: true, plan: reason };
}

/** Reads the scopes that a client will have: at least one, each known, each once. */
export function readScopes(given: readonly string[], known: readonly string[]): Decision<readonly string[]> {
  const isKnown = given.length > 0 && given.every((scope) => known.includes(scope));
  if (!isKnown) return refuse({ code: 'INVALID_INPUT', reason: 'SCOPE', field: at('scopes') });
  return { ok: true, plan: known.filter((scope) => given.includes(scope)) };
}

export interface InvitationCommand {
  readonly name: string;
  readonly environment: PartnerEnvironment;
  readonly scopes: readonly string[];
  readonly reason: string;
}

export interface InvitationPlan {
  readonly name: string;
  readonly searchName: string;
  readonly environment: PartnerEnvironment;
  readonly scopes: readonly string[];
  readonly reason: string;
}

/** What a platform lets in. */
export interface Door {
  readonly sandboxPartners: boolean;
}

/**
 * Refuses banks of the sandbox where a platform has none: they run documents that were never published, send people back to plain
 * http, and are known by nobody's contract. Nothing, where a bank may be let in.
 */
export function keptOut(environment: PartnerEnvironment, { sandboxPartners }: Door, field: readonly string[]): readonly PartnerRefusal[] {
  return environment === 'SANDBOX' && !sandboxPartners ? [{ code: 'NOT_ALLOWED', reason: 'SANDBOX_PARTNER', field }] : [];
}

/** Decides the invitation of a new partner: everything at fault is refused at once, in the order of the input's fields. */
export function decideInvitation(command: InvitationCommand, known: readonly string[], door: Door): Decision<InvitationPlan> {
  const name = command.name.normalize('NFC').trim();
  const fault = nameFault(name);
  const named: PartnerRefusal[] = fault ? [{ code: 'INVALID_INPUT', reason: fault, field: at('name') }] : [];
  const kept = keptOut(command.environment, door, at('environment'));
  const [scopes, reason] = [readScopes(command.scopes, known), readReason(command.reason)];
  if (named.length > 0 || kept.length > 0 || !scopes.ok || !reason.ok) {
    return {
      ok: false,
      refusals: [...named, ...kept, ...(scopes.ok ? [] : scopes.refusals), ...(reason.ok ? [] : reason.refusals)],
    };
  }
  const { environment } = command;
  return {
    ok: true,
    plan: { name, searchName: searchable(name), environment, scopes: scopes.plan, reason: reason.plan },
  };
}

/**
 * Decides a rate: a burst of less than a second of it could never be used.
 * @param before - the greatest cost of one operation until now
 */
export function decideRate(rate: RateCommand, before: Rate['costMax']): Decision<Rate> {
  const isIn = (value: number, min: number, max: number): boolean =>
    Number.isInteger(value) && value >= min && value <= max;
  const refusals: PartnerRefusal[] = [];
  if (!isIn(rate.perSecond, 1, RATE_MAX.perSecond))
    refusals.push({ code: 'INVALID_INPUT', reason: 'OUT_OF_RANGE', field: at('perSecond') });
  if (!isIn(rate.burst, Math.max(1, rate.perSecond), RATE_MAX.burst)) {
    refusals.push({ code: 'INVALID_INPUT', reason: 'OUT_OF_RANGE', field: at('burst') });
  }
  const costMax = rate.costMax === undefined ? before : rate.costMax;
  if (costMax !== null && !isIn(costMax, COST_MAX.min, COST_MAX.max)) {
    refusals.push({ code: 'INVALID_INPUT', reason: 'OUT_OF_RANGE', field: at('costMax') });
  }
  return refusals.length > 0
    ? { ok: false, refusals }
    : { ok: true, plan: { perSecond: rate.perSecond, burst: rate.burst, costMax } };
}

/** Says whether two rates allow the same. */
export function isSameRate(one: Rate, other: Rate): boolean {
  return one.perSecond === other.perSecond && one.burst === other.burst && one.costMax === other.costMax;
}

/** An invitation as it stands when somebody comes with its code. */
export interface Invitation {
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
}

/** Says whether a client may be registered. All that speaks against it looks alike: a code that is guessed tells nothing. */
export function mayRegister(
  invitation: Invitation | undefined,
  partner: { readonly status: PartnerStatus; readonly environment: PartnerEnvironment } | undefined,
  at: Door & { readonly now: Date },
): boolean {
  const isGood = invitation !== undefined && invitation.usedAt === null && invitation.expiresAt > at.now;
  return isGood && partner?.status === 'ACTIVE' && keptOut(partner.environment, at, []).length === 0;
}

type Held = Pick<PartnerKey, 'kid' | 'thumbprint' | 'status' | 'expiresAt'>;
type Holder = Pick<PartnerClient, 'authentication' | 'status'> & { readonly keys: readonly Held[] };

const isActive = ({ status }: Held): boolean => status === 'ACTIVE';

/** Whether a client could still sign in without a key. One that has ended stays ACTIVE, and signs nobody in. */
const livesWithout = ({ keys }: Holder, kid: string, now: Date): boolean =>
  keys.some((key) => key.kid !== kid && isActive(key) && (key.expiresAt === null || key.expiresAt > now));

/** Decides whether a client of a partner may change its own keys. Nothing, where it may. */
function standing(partner: PartnerStatus, client: Holder | undefined): PartnerRefusal | undefined {
  if (!client) return { code: 'NOT_FOUND', field: at() };
  if (partner !== 'ACTIVE') return { code: 'NOT_ALLOWED', reason: 'PARTNER_SUSPENDED', field: at() };
  return client.status === 'ACTIVE' ? undefined : { code: 'NOT_ALLOWED', reason: 'CLIENT_REVOKED', field: at() };
}

/**
 * Decides whether a client gets one more key.
 * @param isHeld - whether anybody's client, this one or another, has or had the same public key
 * @param addedOfLate - how many keys the client was given in the last day, whatever became of them
 */
export function decideAddition(
  partner: PartnerStatus,
  client: Holder | undefined,
  key: { readonly kid: string; readonly authentication: ClientAuthentication; readonly isHeld: boolean; readonly addedOfLate: number },
): Decision<null> {
  const refusal = standing(partner, client);
  if (refusal || !client) return refuse(refusal ?? { code: 'NOT_FOUND', field: at() });
  if (client.authentication !== key.authentication)
    return refuse({ code: 'INVALID_INPUT', reason: 'KEYS_OR_CERTIFICATE', field: at() });
  // A kid that was revoked does not come back: whoever kept tokens or caches by it would take the new key for the old one.
  if (key.isHeld || client.keys.some(({ kid }) => kid === key.kid))
    return refuse({ code: 'ALREADY_EXISTS', reason: 'KEY', field: at() });
  if (client.keys.filter(isActive).length >= KEYS_MAX)
    return refuse({ code: 'LIMIT_EXCEEDED', reason: 'KEYS', field: at() });
  // Each one that goes is told to every gateway for a month.
  if (key.addedOfLate >= KEYS_A_DAY_MAX)
    return refuse({ code: 'LIMIT_EXCEEDED', reason: 'KEYS_A_DAY', field: at() });
  return { ok: true, plan: null };
}

/** What becomes of a key that its own client retires: never the last one that lives, which would lock the bank out. */
export function decideRetirement(
  partner: PartnerStatus,
  client: Holder | undefined,
  kid: string,
  now: Date,
): Decision<'RETIRE' | 'UNCHANGED'> {
  const refusal = standing(partner, client);
  if (refusal || !client) return refuse(refusal ?? { code: 'NOT_FOUND', field: at() });
  const key = client.keys.find((held) => held.kid === kid);
  if (!key) return refuse({ code: 'NOT_FOUND', field: at('kid') });
  if (!isActive(key)) return { ok: true, plan: 'UNCHANGED' };
  if (!livesWithout(client, kid, now)) return refuse({ code: 'NOT_ALLOWED', reason: 'LAST_KEY', field: at('kid') });
  return { ok: true, plan: 'RETIRE' };
}

/** Decides where people may be sent back to by a client: each address fit for it, none twice. */
export function decideRedirectUris(
  partner: Pick<Partner, 'status' | 'environment'>,
  client: Holder | undefined,
  uris: readonly string[],
): Decision<readonly string[]> {
  const refusal = standing(partner.status, client);
  if (refusal || !client) return refuse(refusal ?? { code: 'NOT_FOUND', field: at() });
  if (uris.length > REDIRECT_URIS_MAX) return refuse({ code: 'INVALID_INPUT', reason: 'TOO_MANY', field: at('uris') });
  const unfit = uris.findIndex((uri) => !isRedirectUri(uri, partner.environment));
  if (unfit >= 0) return refuse({ code: 'INVALID_INPUT', reason: 'REDIRECT_URI', field: at('uris', String(unfit)) });
  return { ok: true, plan: [...new Set(uris)] };
}

/**
 * What becomes of a key that an operator revokes: the last one that lives too, since it may be in wrong hands. Then the client goes with
 * it: nothing could ever sign in as it again.
 */
export function decideRevocation(
  client: Holder | undefined,
  kid: string,
  now: Date,
): Decision<'REVOKE' | 'REVOKE_CLIENT' | 'UNCHANGED'> {
  if (!client) return refuse({ code: 'NOT_FOUND', field: at('clientId') });
  const key = client.keys.find((held) => held.kid === kid);
  if (!key) return refuse({ code: 'NOT_FOUND', field: at('kid') });
  if (!isActive(key)) return { ok: true, plan: 'UNCHANGED' };
  return { ok: true, plan: livesWithout(client, kid, now) ? 'REVOKE' : 'REVOKE_CLIENT' };
}
