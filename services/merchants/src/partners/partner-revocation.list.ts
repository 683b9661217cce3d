import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';

/**
 * So long a revoked key is told of. The authorization server hears of it by an event, as a rule in a second; who is told here refuses its tokens also while no event goes
 * through, which no outage does for so long.
 */
const TOLD_MS = 30 * 86_400_000;
/** The newest of them: some hundreds of kilobytes. How many keys a client may add in a day is bounded (partner.domain). */
const TOLD_MAX = 10_000;

/** What gateways refuse at the door, whatever a token says. */
export interface Revocations {
  /** Another where anything of it is another. */
  readonly version: string;
  readonly keys: readonly { readonly clientId: string; readonly kid: string }[];
  /** The ids of partners that are shut out now. */
  readonly suspended: readonly string[];
}

/** Reads what is revoked. A key stays so for ever; a partner may be let in again. A client is revoked with its last key. */
export async function readRevocations(manager: EntityManager, now: Date): Promise<Revocations> {
  const keys: Revocations['keys'] = await manager.query(
    `/* partners.revokedKeys */ SELECT "clientId", kid FROM partner_key WHERE "revokedAt" >= $1
     ORDER BY "revokedAt" DESC, "clientId", kid LIMIT $2`,
    [new Date(now.getTime() - TOLD_MS), TOLD_MAX],
  );
  const rows: { id: string }[] = await manager.query(`/* partners.suspended */ SELECT id FROM partner WHERE status = 'SUSPENDED' ORDER BY id`);
  const suspended = rows.map(({ id }) => id);
  const version = createHash('sha256').update(JSON.stringify([keys.map(({ clientId, kid }) => [clientId, kid]), suspended])).digest('base64url');
  return { version, keys, suspended };
}
