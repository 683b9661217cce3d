import type { Tx } from '@tael/platform/postgres';
import type { EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { emit } from '../events/emission';

/** Whose factor it is, when, and the trace of who asks, where somebody does. */
export interface FactorOwner {
  readonly personId: string;
  readonly now: Date;
  readonly traceparent: string | undefined;
}

/**
 * Takes a second factor away with its recovery codes and with a removal that waits, and tells the owner. The factor's row first: a code
 * that is being used is used, or finds nothing.
 */
export async function dropFactor(tx: Tx, { personId, now, traceparent }: FactorOwner): Promise<void> {
  const held: unknown[] = await tx.query('/* factors.hold */ SELECT 1 FROM totp_factor WHERE "personId" = $1 FOR UPDATE', [personId]);
  if (held.length === 0) return;
  await tx.query('/* factors.dropRemoval */ DELETE FROM factor_removal WHERE "personId" = $1', [personId]);
  await tx.query('/* factors.dropCodes */ DELETE FROM recovery_code WHERE "personId" = $1', [personId]);
  await tx.query('/* factors.drop */ DELETE FROM totp_factor WHERE "personId" = $1', [personId]);
  const data = { personId, changeId: uuidv7(), change: 'DISABLED' as const, occurredAt: now };
  await emit(tx, { traceparent }, [{ type: 'second-factor.changed', data }]);
}

/** Gives when a person's second factor goes; null where no removal has begun. */
export async function removalOf(manager: Pick<EntityManager, 'query'>, personId: string): Promise<Date | null> {
  const [row]: { removesAt: Date | null }[] = await manager.query(
    '/* factorRemovals.read */ SELECT "removesAt" FROM factor_removal WHERE "personId" = $1', [personId],
  );
  return row?.removesAt ?? null;
}

/** Ends a removal that waits, and tells the owner where it had begun. Gives whether it had. */
export async function stopRemoval(tx: Tx, { personId, now, traceparent }: FactorOwner): Promise<boolean> {
  const [stopped]: [{ removesAt: Date | null }[], number] = await tx.query(
    '/* factorRemovals.stop */ DELETE FROM factor_removal WHERE "personId" = $1 RETURNING "removesAt"', [personId],
  );
  if (!stopped[0]?.removesAt) return false;
  await emit(tx, { traceparent }, [{ type: 'second-factor.removal-stopped', data: { personId, changeId: uuidv7(), occurredAt: now } }]);
  return true;
}
