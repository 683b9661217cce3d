import { createHash } from 'node:crypto';
import type { Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { AuthorizationStateEntity, type StateKind } from './authorization-state.entity';

/** Kept so much longer than it is good for, that what comes late is still known to be over or used. */
const KEPT_ON_SECONDS = 60 * 60;
const SWEEP_ROWS = 1_000;

/** How the id of what the provider keeps stands in the database. */
export const stateHash = (id: string): string => createHash('sha256').update(id).digest('base64url');

/** What the authorization server keeps between two requests: requests that were pushed, interactions, codes and refresh tokens. */
export class AuthorizationStateService {
  constructor(private readonly dataSource: DataSource) {}

  async find(kind: StateKind, id: string): Promise<Record<string, unknown> | undefined> {
    const row = await this.dataSource.manager.findOneBy(AuthorizationStateEntity, { kind, idHash: stateHash(id) });
    if (!row) return undefined;
    return { ...row.payload, jti: id, ...(row.consumedAt ? { consumed: Math.floor(row.consumedAt.getTime() / 1_000) } : {}) };
  }

  /** Writes it down; `seconds` is how long it is good for. Whether it was used stays as it is. */
  async keep(kind: StateKind, id: string, { payload, seconds }: { payload: object; seconds: number }): Promise<void> {
    const { jti: _id, ...rest } = payload as Record<string, unknown>;
    await this.dataSource.query(
      `/* authorization.keep */ INSERT INTO authorization_state (kind, "idHash", "consentId", payload, "keptUntil")
       VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5))
       ON CONFLICT (kind, "idHash") DO UPDATE SET payload = excluded.payload, "keptUntil" = excluded."keptUntil"`,
      [kind, stateHash(id), rest['grantId'] ?? null, JSON.stringify(rest), seconds + KEPT_ON_SECONDS],
    );
  }

  /** Uses it up, in one statement: of many at once one gets true. */
  async consume(kind: StateKind, id: string, manager: Pick<Tx, 'query'> = this.dataSource.manager): Promise<boolean> {
    const [used]: [unknown[], number] = await manager.query(
      `/* authorization.consume */ UPDATE authorization_state SET "consumedAt" = now()
       WHERE kind = $1 AND "idHash" = $2 AND "consumedAt" IS NULL RETURNING 1`,
      [kind, stateHash(id)],
    );
    return used.length > 0;
  }

  /** Says whether it was used up, and holds it so until the transaction ends. */
  async isConsumed(tx: Tx, kind: StateKind, id: string): Promise<boolean> {
    const [row]: { isConsumed: boolean }[] = await tx.query(
      `/* authorization.isConsumed */ SELECT "consumedAt" IS NOT NULL AS "isConsumed" FROM authorization_state
       WHERE kind = $1 AND "idHash" = $2 FOR UPDATE`,
      [kind, stateHash(id)],
    );
    return row?.isConsumed ?? true;
  }

  async remove(kind: StateKind, id: string): Promise<void> {
    await this.dataSource.manager.delete(AuthorizationStateEntity, { kind, idHash: stateHash(id) });
  }

  /** Ends what came of a consent. */
  async removeOf(kind: StateKind, consentId: string): Promise<void> {
    await this.dataSource.manager.delete(AuthorizationStateEntity, { kind, consentId });
  }

  /** Writes how an interaction ended, in the transaction in which it did. */
  async finish(tx: Tx, idHash: string, result: object): Promise<void> {
    await tx.query(
      `/* authorization.finish */ UPDATE authorization_state SET payload = jsonb_set(payload, '{result}', $2::jsonb)
       WHERE kind = 'Interaction' AND "idHash" = $1`,
      [idHash, JSON.stringify(result)],
    );
  }

  /** Removes what is over, a bounded number at a time; gives how many there were. */
  async sweep(): Promise<number> {
    const rows: unknown[] = await this.dataSource.query(
      `/* authorization.sweepState */ WITH swept AS (DELETE FROM authorization_state WHERE (kind, "idHash") IN (
         SELECT kind, "idHash" FROM authorization_state WHERE "keptUntil" < now() LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING 1)
       SELECT 1 FROM swept`,
      [SWEEP_ROWS],
    );
    return rows.length;
  }
}
