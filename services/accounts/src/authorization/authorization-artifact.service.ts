import type { DataSource } from 'typeorm';

/** Longer than any assertion or proof can be good for, with the tolerance for clocks on both ends. */
const KEPT_SECONDS = 15 * 60;
const SWEEP_ROWS = 1_000;
const USED = 'ReplayDetection';

/** Remembers what may be used once, over all instances. */
export class AuthorizationArtifactService {
  constructor(private readonly dataSource: DataSource) {}

  /** Uses an id up, in one statement: of many at once one gets true. */
  async use(id: string): Promise<boolean> {
    const taken: unknown[] = await this.dataSource.query(
      `/* authorization.use */ INSERT INTO authorization_artifact AS a (kind, id, "expiresAt")
       VALUES ($1, $2, pg_catalog.now() + make_interval(secs => $3))
       ON CONFLICT (kind, id) DO UPDATE SET "expiresAt" = excluded."expiresAt" WHERE a."expiresAt" < pg_catalog.now() RETURNING 1 AS taken`,
      [USED, id, KEPT_SECONDS],
    );
    return taken.length > 0;
  }

  /** Removes what is over, a bounded number at a time; gives how many there were. */
  async sweep(): Promise<number> {
    const rows: unknown[] = await this.dataSource.query(
      `/* authorization.sweep */ WITH swept AS (DELETE FROM authorization_artifact WHERE (kind, id) IN (
         SELECT kind, id FROM authorization_artifact WHERE "expiresAt" < pg_catalog.now() LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING 1)
       SELECT 1 FROM swept`,
      [SWEEP_ROWS],
    );
    return rows.length;
  }
}
