import type { MessageClass } from '../messages/gate.domain';

export type SkipReason = 'NO_ADDRESS' | 'NO_PROVIDER' | 'MUTED' | 'NOT_OPTED_IN' | 'OFFER_ENDED' | 'EXPIRED';

/** What came of handing one message to one channel. */
export type HandOff =
  | { readonly kind: 'HANDED_OFF'; readonly providerId: string | null }
  | { readonly kind: 'SKIPPED'; readonly reason: SkipReason }
  /** The channel will never take it. */
  | { readonly kind: 'REJECTED'; readonly reason: string }
  /** The channel did not take it, and may later. */
  | { readonly kind: 'BUSY'; readonly reason: string; readonly retryAfterMs?: number | undefined }
  /** The message left, but no answer came: it may have been taken. */
  | { readonly kind: 'UNKNOWN'; readonly reason: string };

export interface DeliveryOutcome {
  readonly status: 'PLANNED' | 'HANDED_OFF' | 'SKIPPED' | 'FAILED' | 'UNKNOWN';
  readonly reason: string | null;
  readonly providerId: string | null;
  /** When a PLANNED one is tried again. */
  readonly dueAt: Date | null;
}

export interface DeliveryState {
  readonly class: MessageClass;
  /** How often it was claimed, this time included. */
  readonly attempts: number;
  readonly validUntil: Date | null;
}

export const ATTEMPTS_MAX = 8;
const PAUSE_MAX_MS = 15 * 60_000;

/** Gives the pause before the next attempt: 1 s, doubled each time, at most 15 minutes. */
export function pauseMs(attempts: number): number {
  return Math.min(1_000 * 2 ** Math.max(0, attempts - 1), PAUSE_MAX_MS);
}

const end = (status: DeliveryOutcome['status'], reason: string | null): DeliveryOutcome => ({
  status,
  reason,
  providerId: null,
  dueAt: null,
});

/**
 * Decides what becomes of a delivery after an attempt. Where it is not known whether the channel took it, advertising
 * is not sent again; the rest is, under the same id, so that a repeat collapses into the first.
 */
export function afterAttempt(handOff: HandOff, state: DeliveryState, now: Date): DeliveryOutcome {
  if (handOff.kind === 'HANDED_OFF') return { ...end('HANDED_OFF', null), providerId: handOff.providerId };
  if (handOff.kind === 'SKIPPED') return end('SKIPPED', handOff.reason);
  if (handOff.kind === 'REJECTED') return end('FAILED', handOff.reason);
  if (handOff.kind === 'UNKNOWN' && state.class === 'MARKETING') return end('UNKNOWN', handOff.reason);
  const last = handOff.kind === 'UNKNOWN' ? 'UNKNOWN' : 'FAILED';
  if (state.attempts >= ATTEMPTS_MAX) return end(last, handOff.reason);
  const asked = handOff.kind === 'BUSY' ? (handOff.retryAfterMs ?? 0) : 0;
  const dueAt = new Date(now.getTime() + Math.max(pauseMs(state.attempts), Math.min(asked, PAUSE_MAX_MS)));
  if (state.validUntil && state.class !== 'SECURITY' && dueAt > state.validUntil) return end(last, handOff.reason);
  return { status: 'PLANNED', reason: handOff.reason, providerId: null, dueAt };
}
