/** Whose webhooks they are: nobody else sees or changes them. */
export type OwnerKind = 'MERCHANT' | 'PARTNER';

export const ENDPOINT_STATUSES = ['ENABLED', 'DISABLED'] as const;
export type EndpointStatus = (typeof ENDPOINT_STATUSES)[number];

/** Why an endpoint is disabled: its owner said so, it answered 410, or it failed for days on end. */
export const DISABLED_REASONS = ['OWNER', 'GONE', 'FAILING'] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

export const DELIVERY_STATUSES = ['PENDING', 'DELIVERED', 'DEAD', 'SKIPPED'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** The events that each kind of owner may choose from. */
export const EVENT_TYPES: Readonly<Record<OwnerKind, readonly string[]>> = {
  MERCHANT: ['payment.settled', 'payment.refunded', 'settlement.closed', 'payout.settled', 'payout.failed', 'payout.returned'],
  PARTNER: ['history-import.ended', 'partner.changed', 'partner.key-expiring', 'consent.withdrawn', 'consent.ended'],
};

export const TEST_EVENT_TYPE = 'webhook.test';
export const DESCRIPTION_LENGTH_MAX = 200;
export const ENDPOINTS_MAX = 10;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What lies between the end of an attempt and the next one: the table that Standard Webhooks recommends. */
export const PAUSES_MS: readonly number[] = [
  5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR,
];
export const ATTEMPTS_MAX = PAUSES_MS.length + 1;
/** The most by which a pause is longer than the table says, so that what failed together does not come back together. */
export const JITTER = 0.1;
export const FAILING_MAX_MS = 5 * DAY;
/** How long the key of before signs along after a rotation, whatever follows: a receiver may have that one alone. */
export const KEY_OVERLAP_MS = DAY;
/** How many keys sign at a time: who does not get the answer of a rotation asks again, and no key may end before its day for it. */
export const SIGNING_KEYS_MAX = 4;

/** What came of one attempt. */
export type Attempt =
  | { readonly kind: 'ANSWERED'; readonly status: number; readonly retryAfterMs: number | null; readonly excerpt: string }
  | { readonly kind: 'FAILED'; readonly reason: string };

export interface AttemptOutcome {
  readonly status: DeliveryStatus;
  /** When a PENDING one is sent again. */
  readonly dueAt: Date | null;
  readonly reason: string | null;
  readonly disables: Exclude<DisabledReason, 'OWNER'> | null;
}

/**
 * Gives when a message is sent again after `attempts` attempts; null where that was the last.
 * @param chance - from 0 to 1, which the caller draws
 */
export function nextAttemptAt(attempts: number, now: Date, chance: number, retryAfterMs: number | null = null): Date | null {
  const pause = PAUSES_MS[attempts - 1];
  if (pause === undefined) return null;
  const asked = Math.min(retryAfterMs ?? 0, DAY);
  return new Date(now.getTime() + Math.max(Math.round(pause * (1 + JITTER * chance)), asked));
}

/**
 * Decides what becomes of a message after an attempt. 2xx alone is delivered: a redirect is not followed, and so has failed.
 * @param state.failingSince - when the first of the attempts failed that have failed on end; null where the last one did not
 */
export function afterAttempt(
  attempt: Attempt,
  state: { readonly attempts: number; readonly failingSince: Date | null },
  now: Date,
  chance: number,
): AttemptOutcome {
  const ended = { dueAt: null, disables: null };
  if (attempt.kind === 'ANSWERED' && attempt.status >= 200 && attempt.status < 300)
    return { ...ended, status: 'DELIVERED', reason: null };
  const reason = attempt.kind === 'FAILED' ? attempt.reason : `HTTP ${attempt.status}`;
  if (attempt.kind === 'ANSWERED' && attempt.status === 410) return { status: 'SKIPPED', dueAt: null, reason, disables: 'GONE' };
  const since = state.failingSince ?? now;
  if (now.getTime() - since.getTime() >= FAILING_MAX_MS) return { status: 'DEAD', dueAt: null, reason, disables: 'FAILING' };
  const waits = attempt.kind === 'ANSWERED' && (attempt.status === 429 || attempt.status === 503);
  const dueAt = nextAttemptAt(state.attempts, now, chance, waits ? attempt.retryAfterMs : null);
  return { status: dueAt ? 'PENDING' : 'DEAD', dueAt, reason, disables: null };
}

/** Reads Retry-After: seconds, or a date (RFC 9110, 10.2.3). */
export function retryAfterMs(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim()) * SECOND;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now.getTime());
}

const EXCERPT_LENGTH_MAX = 200;

/** Gives what is kept of an answer: a line of plain text, with what could be an address, a number or a key taken out. */
export function excerptOf(text: string): string {
  const plain = text
    .replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, ' ')
    .replace(/\S+@\S+/g, '***')
    .replace(/\d[\d .-]{5,}\d/g, '***')
    .replace(/[\w+/=-]{24,}/g, '***');
  return Array.from(plain).slice(0, EXCERPT_LENGTH_MAX).join('').trim();
}

export interface EndpointChoice {
  readonly eventTypes: readonly string[];
  readonly description: string;
}

export interface EndpointRefusal {
  readonly code: 'INVALID_INPUT' | 'LIMIT_EXCEEDED';
  readonly reason?: 'EMPTY' | 'EVENT_TYPE' | 'WEBHOOK_URL' | 'TOO_LONG' | 'CHARACTERS' | 'WEBHOOK_ENDPOINTS' | 'WEBHOOK_KEYS';
  readonly field: readonly string[];
}

/** Gives everything that is at fault with what an owner chose, in the order of the input's fields. */
export function choiceRefusals(choice: EndpointChoice, kind: OwnerKind, urlFits: boolean): EndpointRefusal[] {
  const refusals: EndpointRefusal[] = [];
  const refuse = (reason: NonNullable<EndpointRefusal['reason']>, field: string): void => {
    refusals.push({ code: 'INVALID_INPUT', reason, field: ['input', field] });
  };
  if (!urlFits) refuse('WEBHOOK_URL', 'url');
  if (choice.eventTypes.some((type) => !EVENT_TYPES[kind].includes(type))) refuse('EVENT_TYPE', 'eventTypes');
  if (/[\p{Cc}\p{Cs}]/u.test(choice.description)) refuse('CHARACTERS', 'description');
  else if (Array.from(choice.description).length > DESCRIPTION_LENGTH_MAX) refuse('TOO_LONG', 'description');
  return refusals;
}

/** Since when types are chosen, as ISO 8601; a type that is not here is since the endpoint was made. */
export type ChoiceTimes = Readonly<Record<string, string>>;

/** Gives since when each of `types` is chosen: what is new since `now`. */
export function choiceTimes(
  before: { readonly eventTypes: readonly string[]; readonly chosenAt: ChoiceTimes },
  types: readonly string[],
  now: Date,
): ChoiceTimes {
  return Object.fromEntries(types.flatMap((type) => {
    const since = !before.eventTypes.includes(type) ? now.toISOString() : before.chosenAt[type];
    return since === undefined ? [] : [[type, since]];
  }));
}

/** So far the clocks of two databases may lie apart: what happened just after a choice must not look as if it had been before. */
const CLOCKS_APART_MS = 60_000;

/** Says whether an endpoint had chosen a type when something of it happened. */
export function hadChosen(
  { eventTypes, chosenAt, createdAt }: { readonly eventTypes: readonly string[]; readonly chosenAt: ChoiceTimes; readonly createdAt: Date },
  event: { readonly type: string; readonly occurredAt: Date },
): boolean {
  if (!eventTypes.includes(event.type)) return false;
  const since = chosenAt[event.type];
  return event.occurredAt.getTime() >= (since === undefined ? createdAt.getTime() : Date.parse(since)) - CLOCKS_APART_MS;
}
