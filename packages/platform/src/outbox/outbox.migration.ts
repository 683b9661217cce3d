import type { QueryRunner } from 'typeorm';

/** Creates the tables of the outbox in a service's first migration. */
export async function createOutboxTables(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE outbox (
      id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT outbox_pkey PRIMARY KEY,
      xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
      topic text NOT NULL,
      key text NOT NULL,
      headers jsonb NOT NULL,
      value text NOT NULL,
      "createdAt" timestamptz NOT NULL DEFAULT now()
    )`);
  await runner.query('CREATE INDEX outbox_order ON outbox (xid, id)');
  await runner.query(`
    CREATE TABLE outbox_cursor (
      shard integer CONSTRAINT outbox_cursor_pkey PRIMARY KEY, xid xid8 NOT NULL, id bigint NOT NULL
    )`);
  await runner.query(`INSERT INTO outbox_cursor VALUES (0, '0', 0)`);
}
