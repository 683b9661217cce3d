import type { CurrencyCode } from '@tael/money';
import type { Tx } from '@tael/platform/postgres';
import type { LockedAccount } from '../ledger/account.domain';
import type { LimitedKind } from './limit.definitions.domain';
import type { LimitState, LimitUse } from './limit.domain';

/** What every movement of a person's depends on, read under the lock of their counter row and the wallets' rows. */
export interface MovementState {
  /** The instant of the decision, to the microsecond, as the database gave it. */
  readonly recordedAt: string;
  readonly at: Date;
  readonly paymentsMade: number;
  readonly wallets: ReadonlyMap<string, LockedAccount>;
  readonly limits: readonly LimitState[];
}

/** A movement's state as the database writes it: amounts as text, instants in ISO 8601. */
export interface MovementRow {
  readonly at: string;
  readonly paymentsMade: string;
  readonly wallets: readonly { id: string; personId: string; currency: CurrencyCode; posted: string; pending: string; frozen: boolean }[];
  readonly limits: readonly { id: string; measure: LimitState['measure']; window: LimitState['window']; cap: string; used: string }[];
}

export function movementOf(row: MovementRow): MovementState {
  return {
    recordedAt: row.at,
    at: new Date(row.at),
    paymentsMade: Number(row.paymentsMade),
    wallets: new Map(row.wallets.map((wallet) => [
      wallet.id, { ...wallet, posted: BigInt(wallet.posted), pending: BigInt(wallet.pending) },
    ])),
    limits: row.limits.map((limit) => ({ ...limit, cap: BigInt(limit.cap), used: BigInt(limit.used) })),
  };
}

/** Locks a person's counter row and the wallets, and reads what a movement depends on. */
export async function lockMovement(
  tx: Tx,
  movement: { personId: string; walletIds: readonly string[]; kind: LimitedKind | 'FEE_REBATE'; currency: CurrencyCode },
): Promise<MovementState> {
  const [row] = await tx.query('/* movements.lock */ SELECT movement_state($1, $2::uuid[], $3, $4, true) AS state', [
    movement.personId, movement.walletIds, movement.kind, movement.currency,
  ]);
  return movementOf(row.state);
}

/** Locks a person's counter row alone: no movement of theirs is decided until this transaction ends. It comes before any wallet. */
export async function lockPerson(tx: Tx, personId: string): Promise<void> {
  await tx.query('/* movements.lockPerson */ SELECT 1 FROM person_counter WHERE "personId" = $1 FOR NO KEY UPDATE', [personId]);
}

/** Counts a decided movement in the same transaction; a limit that it would exceed after all breaks it off. */
export async function countMovement(
  tx: Tx,
  movement: { personId: string; payments: 0 | 1; recordedAt: string; uses: readonly LimitUse[] },
): Promise<void> {
  const { personId, payments, recordedAt, uses } = movement;
  await tx.query('/* movements.count */ SELECT movement_count($1, $2, $3::timestamptz, $4::text[], $5::bigint[], $6::bigint[])', [
    personId, payments, recordedAt, uses.map((use) => use.limitId), uses.map((use) => String(use.taken)), uses.map((use) => String(use.cap)),
  ]);
}
