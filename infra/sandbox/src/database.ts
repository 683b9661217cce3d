import pg from 'pg';
import { BANK_SCHEMA } from './bank/bank.store';
import { CARD_SCHEMA } from './card-processor/card-processor.store';

// The rest of the schema, safe to run at every start as the whole is.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS push_subscription (
    id text PRIMARY KEY,
    endpoint text NOT NULL,
    private_key text NOT NULL,
    public_key text NOT NULL,
    auth text NOT NULL,
    application_server_key text,
    gone_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE IF NOT EXISTS webhook_receiver (
    id text PRIMARY KEY,
    public_keys text[] NOT NULL DEFAULT '{}',
    behaviour text NOT NULL DEFAULT 'accept',
    remaining integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE IF NOT EXISTS webhook (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receiver_id text NOT NULL REFERENCES webhook_receiver,
    webhook_id text NOT NULL,
    verified boolean NOT NULL,
    answered integer NOT NULL,
    body text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE INDEX IF NOT EXISTS webhook_of_receiver ON webhook (receiver_id, position);
  CREATE TABLE IF NOT EXISTS message (
    id uuid PRIMARY KEY,
    channel text NOT NULL CHECK (channel IN ('mail', 'push')),
    recipient text NOT NULL,
    sender text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    html text,
    headers jsonb NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  ALTER TABLE message ADD COLUMN IF NOT EXISTS raw bytea;
  CREATE INDEX IF NOT EXISTS message_newest ON message (received_at DESC, id DESC);
  CREATE INDEX IF NOT EXISTS message_recipient ON message (channel, recipient, received_at DESC);
`;

/** Opens the sandbox's own database and creates the tables that are missing. */
export async function openDatabase(url: string): Promise<pg.Pool> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    application_name: 'tael-sandbox',
    connectionTimeoutMillis: 3_000,
  });
  // A session that the server ends must not end this process, whether it is idle or lent out: the next query says what is wrong.
  pool.on('error', () => undefined);
  pool.on('connect', (session) => session.on('error', () => undefined));
  try {
    await makeTables(pool);
    return pool;
  } catch (error) {
    await pool.end();
    throw error;
  }
}

async function makeTables(pool: pg.Pool): Promise<void> {
  const session = await pool.connect();
  try {
    // Two processes that start at once would both try to create the same tables.
    await session.query('BEGIN');
    await session.query(`/* sandbox.schema */ SELECT pg_advisory_xact_lock(hashtext('tael/sandbox'))`);
    await session.query(SCHEMA);
    await session.query(BANK_SCHEMA);
    await session.query(CARD_SCHEMA);
    await session.query('COMMIT');
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    session.release();
  }
}
