import pg from 'pg';

/**
 * What makes the time of a database movable: functions of ours that are found before Postgres' own. Every `now()` in a
 * statement, a default or a function that names no schema is then the moved one. Postgres' own stays under `pg_catalog`.
 */
const MOVABLE = `
  CREATE SCHEMA IF NOT EXISTS tael_clock;
  CREATE TABLE IF NOT EXISTS tael_clock.shift (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    "aheadMs" bigint NOT NULL CHECK ("aheadMs" >= 0)
  );
  INSERT INTO tael_clock.shift ("aheadMs") VALUES (0) ON CONFLICT DO NOTHING;
  CREATE OR REPLACE FUNCTION tael_clock.forward_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF new."aheadMs" < old."aheadMs" THEN
      RAISE EXCEPTION 'a clock is moved forward only' USING ERRCODE = 'check_violation';
    END IF;
    RETURN new;
  END $$;
  CREATE OR REPLACE TRIGGER forward_only BEFORE UPDATE ON tael_clock.shift
    FOR EACH ROW EXECUTE FUNCTION tael_clock.forward_only();
  CREATE OR REPLACE FUNCTION tael_clock.now() RETURNS timestamptz LANGUAGE sql STABLE AS
    $$ SELECT pg_catalog.now() + make_interval(secs => "aheadMs" / 1000.0) FROM tael_clock.shift $$;
  CREATE OR REPLACE FUNCTION tael_clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    $$ SELECT pg_catalog.clock_timestamp() + make_interval(secs => "aheadMs" / 1000.0) FROM tael_clock.shift $$;
  GRANT USAGE ON SCHEMA tael_clock TO PUBLIC;
  GRANT SELECT, UPDATE ("aheadMs") ON tael_clock.shift TO PUBLIC;
  DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET search_path = public, tael_clock, pg_catalog', current_database());
  END $$;
`;

/** Runs one piece of work on a connection of its own. */
async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // The query rejects too; without a listener the process would end.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * Makes the clock of a database movable, for a sandbox; once it is, it stays so. `url` is of the database's owner, before anybody
 * else connects: sessions that are open go on with the time of Postgres. Safe to repeat, and by several at once.
 */
export async function makeClockMovable(url: string): Promise<void> {
  await connected(url, async (client) => {
    await client.query('BEGIN');
    await client.query(`/* clock.alone */ SELECT pg_advisory_xact_lock(hashtextextended('tael/clock', 0))`);
    await client.query(MOVABLE);
    await client.query('COMMIT');
  });
}

/**
 * Moves the clock of a database to so many milliseconds before the true time. Gives how far ahead it is then: a clock is never
 * moved back, for what is booked would come after what follows from it. Rejects where it cannot be moved at all.
 */
export function moveClock(url: string, aheadMs: number): Promise<number> {
  return connected(url, async (client) => {
    const { rows } = await client.query<{ aheadMs: string }>(
      '/* clock.move */ UPDATE tael_clock.shift SET "aheadMs" = greatest("aheadMs", $1::bigint) RETURNING "aheadMs"::text AS "aheadMs"', [aheadMs],
    );
    return Number(rows[0]!.aheadMs);
  });
}
