import type { CurrencyCode } from '@tael/money';
import { type Outcome, type Refusal, refuse } from '../outcomes/outcome.domain';
import type { FeeRate } from './fee.domain';

/** What is charged for. */
export type FeeKind = 'PAYMENT' | 'WITHDRAWAL';

/** What is charged from an instant on. */
export interface FeeVersion extends FeeRate {
  readonly effectiveFrom: Date;
  readonly enteredAt: Date;
  readonly enteredBy: string | null;
}

/** A kind of movement in a currency with all its schedules, the one entered last first. */
export interface VersionedFee {
  readonly kind: FeeKind;
  readonly currency: CurrencyCode;
  readonly versions: readonly FeeVersion[];
}

/** What somebody wants charged, and how many versions they saw. */
export interface FeeChange extends FeeRate {
  readonly expectedVersion: number;
  /** Undefined: as soon as may be. */
  readonly effectiveFrom: Date | undefined;
}

/** The most of an amount that is ever charged. */
export const RATE_MAX = 1_000;
/** The most that is charged at all, as a multiple of the maximum that a schedule started with. */
export const MAXIMUM_FACTOR = 20n;
/** A minute more than a quote is valid: one that was given while the schedule was being entered still ends before. */
export const FEE_NOTICE_MS = 6 * 60_000;
/** What charges anybody more than is charged now comes an hour later at the earliest: a slip can be put right before it costs somebody. */
export const DEARER_NOTICE_MS = 60 * 60_000;
const AHEAD_MAX_MS = 366 * 86_400_000;

/** Gives the schedule in force at an instant: of those that have begun the one that was entered last. */
export function feeAt(lastFirst: readonly FeeVersion[], at: Date): FeeVersion {
  return lastFirst.find(({ effectiveFrom }) => effectiveFrom <= at) ?? lastFirst.at(-1)!;
}

function boundsRefusals({ rateBasisPoints, minimum, maximum }: FeeRate, first: FeeRate): Refusal[] {
  const faults: [boolean, string][] = [
    [!Number.isInteger(rateBasisPoints) || rateBasisPoints < 0 || rateBasisPoints > RATE_MAX, 'rateBasisPoints'],
    [minimum < 0n, 'minimum'],
    [maximum < minimum || maximum > MAXIMUM_FACTOR * first.maximum, 'maximum'],
  ];
  return faults.flatMap(([fault, name]): Refusal[] => (fault ? [{ code: 'INVALID_INPUT', reason: 'FEE_BOUNDS', field: ['input', name] }] : []));
}

/** Decides the next schedule under the lock of its kind and currency. */
export function decideFee(fee: VersionedFee, change: FeeChange, now: Date): Outcome<{ effectiveFrom: Date }> {
  if (fee.versions.length !== change.expectedVersion) return refuse('NOT_ALLOWED', ['input', 'expectedVersion'], 'STALE_VERSION');
  const refusals = boundsRefusals(change, fee.versions.at(-1)!);
  if (refusals.length > 0) return { ok: false, refusals };
  const present = feeAt(fee.versions, now);
  const isDearer = change.rateBasisPoints > present.rateBasisPoints || change.minimum > present.minimum || change.maximum > present.maximum;
  const soonest = new Date(now.getTime() + (isDearer ? DEARER_NOTICE_MS : FEE_NOTICE_MS));
  const effectiveFrom = change.effectiveFrom ?? soonest;
  if (effectiveFrom < soonest || effectiveFrom.getTime() > now.getTime() + AHEAD_MAX_MS) {
    return refuse('INVALID_INPUT', ['input', 'effectiveFrom'], 'EFFECTIVE_FROM');
  }
  return { ok: true, effectiveFrom };
}
