import type { CurrencyCode } from '@tael/money';
import { type Outcome, refuse } from '../outcomes/outcome.domain';

/** What a limit is for. STEP_UP: above it a second factor is asked for. */
export type LimitKind = 'PAYMENT' | 'TRANSFER' | 'TOP_UP' | 'WITHDRAWAL' | 'CASHIER_REFUND' | 'CASHIER_REFUND_DAY' | 'MERCHANT_OWING' | 'STEP_UP';

/** A cap from an instant on. */
export interface LimitVersion {
  readonly version: number;
  readonly cap: bigint;
  readonly effectiveFrom: Date;
  readonly enteredAt: Date;
  readonly enteredBy: string | null;
}

/** A limit with all its versions, the newest first. What it counts never changes. */
export interface VersionedLimit {
  readonly id: string;
  readonly currency: CurrencyCode | null;
  readonly kinds: readonly LimitKind[];
  readonly measure: 'AMOUNT' | 'COUNT';
  readonly window: 'TRANSACTION' | 'DAY';
  readonly versions: readonly LimitVersion[];
}

/** What somebody wants a limit to be, and which version they saw. */
export interface LimitChange {
  readonly expectedVersion: number;
  readonly cap: bigint;
  /** Undefined: as soon as may be. */
  readonly effectiveFrom: Date | undefined;
}

/** A version begins at least so long after it was entered, so that none began before it was there for all to see. */
export const LIMIT_NOTICE_MS = 15_000;
/** The most that a limit is raised to, as a multiple of what it started with. */
export const CAP_FACTOR = 100n;
/** How far ahead a change may lie. */
export const AHEAD_MAX_MS = 366 * 86_400_000;

/** Gives the version in force at an instant: of those that have begun the highest. A later version takes the place of one that has not begun. */
export function versionAt<Version extends Pick<LimitVersion, 'effectiveFrom'>>(newestFirst: readonly Version[], at: Date): Version {
  return newestFirst.find(({ effectiveFrom }) => effectiveFrom <= at) ?? newestFirst.at(-1)!;
}

/** Says whether a cap lets more money through than what is in force, or than what is to come. A count moves no money by itself. */
export function isRaise({ measure, versions }: Pick<VersionedLimit, 'measure' | 'versions'>, cap: bigint, now: Date): boolean {
  const present = versionAt(versions, now);
  const standing = versions.filter((version) => version.version >= present.version);
  return measure === 'AMOUNT' && standing.some((version) => cap > version.cap);
}

/** Decides the next version of a limit under its lock. One person may lower it; a raise needs two. */
export function decideLimit(
  limit: VersionedLimit, { expectedVersion, cap, effectiveFrom }: LimitChange, { now, persons }: { now: Date; persons: 1 | 2 },
): Outcome<{ next: Pick<LimitVersion, 'version' | 'cap' | 'effectiveFrom'> }> {
  const newest = limit.versions[0]!;
  if (newest.version !== expectedVersion) return refuse('NOT_ALLOWED', ['input', 'expectedVersion'], 'STALE_VERSION');
  const field = ['input', limit.measure === 'AMOUNT' ? 'amount' : 'count'];
  if (cap < 0n || cap > CAP_FACTOR * limit.versions.at(-1)!.cap) return refuse('INVALID_INPUT', field, 'LIMIT_BOUNDS');
  const raise = isRaise(limit, cap, now);
  if (raise && persons === 1) return refuse('NOT_ALLOWED', field, 'TWO_PERSONS');
  if (!raise && persons === 2) return refuse('NOT_ALLOWED', field, 'NO_RAISE');
  const soonest = new Date(now.getTime() + LIMIT_NOTICE_MS);
  const from = effectiveFrom ?? soonest;
  if (from < soonest || from.getTime() > now.getTime() + AHEAD_MAX_MS) return refuse('INVALID_INPUT', ['input', 'effectiveFrom'], 'EFFECTIVE_FROM');
  return { ok: true, next: { version: newest.version + 1, cap, effectiveFrom: from } };
}
