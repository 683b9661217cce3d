import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { type CardBehaviour, noticesOf, type Returned } from './card-behaviour.domain';

/** The processor's tables. Card numbers have no column: of a card only its behaviour is kept. */
export const CARD_SCHEMA = `
  CREATE TABLE IF NOT EXISTS card_token (
    token text PRIMARY KEY,
    behaviour text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE IF NOT EXISTS charge (
    idempotency_key text PRIMARY KEY,
    charge_id uuid NOT NULL UNIQUE,
    token text NOT NULL REFERENCES card_token,
    amount bigint NOT NULL CHECK (amount > 0),
    currency text NOT NULL,
    status text NOT NULL CHECK (status IN ('succeeded', 'declined')),
    created_at timestamptz NOT NULL DEFAULT now()
  );
  ALTER TABLE charge ADD COLUMN IF NOT EXISTS returned text CHECK (returned IN ('disputed', 'refunded'));
  ALTER TABLE charge ADD COLUMN IF NOT EXISTS asked integer NOT NULL DEFAULT 0;
  CREATE TABLE IF NOT EXISTS charge_attempt (
    idempotency_key text PRIMARY KEY,
    attempts integer NOT NULL
  );
  CREATE TABLE IF NOT EXISTS charge_notice (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    notice_id uuid NOT NULL UNIQUE,
    idempotency_key text NOT NULL REFERENCES charge,
    type text NOT NULL,
    deliveries integer NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL
  );
  CREATE INDEX IF NOT EXISTS charge_notice_due ON charge_notice (due_at);
`;

export interface ChargeRequest {
  readonly key: string;
  readonly token: string;
  /** Minor units, as text. */
  readonly amount: string;
  readonly currency: string;
}

export interface Charge {
  readonly chargeId: string;
  readonly status: 'succeeded' | 'declined';
  readonly token: string;
  readonly amount: string;
  readonly currency: string;
  readonly returned: Returned | null;
  readonly behaviour: CardBehaviour;
  /** How often it was asked about. */
  readonly asked: number;
  /** Whether a notice of it has still to be sent for the first time. */
  readonly untold: boolean;
}

/** What the processor remembers: tokens by behaviour, charges by idempotency key. */
export interface CardProcessorStore {
  addToken(behaviour: CardBehaviour): Promise<string>;
  behaviourOf(token: string): Promise<CardBehaviour | null>;
  /** Counts calls with this key, from 1. */
  countAttempt(key: string): Promise<number>;
  /** Charges once a key: of concurrent calls one writes, and all get what it wrote. */
  charge(request: ChargeRequest, status: Charge['status'], behaviour: CardBehaviour): Promise<Charge>;
  /** `asking` counts the question. */
  chargeByKey(key: string, asking?: boolean): Promise<Charge | null>;
}

const COLUMNS = `charge_id AS "chargeId", status, token, amount::text AS amount, currency, returned, asked,
  (SELECT behaviour FROM card_token t WHERE t.token = c.token) AS behaviour,
  EXISTS (SELECT 1 FROM charge_notice n WHERE n.idempotency_key = c.idempotency_key AND n.attempts = 0) AS untold`;

/** Makes the store on the sandbox's database. */
export function createCardProcessorStore(pool: pg.Pool): CardProcessorStore {
  async function chargeByKey(key: string, asking = false): Promise<Charge | null> {
    if (asking) await pool.query('/* charge.asked */ UPDATE charge SET asked = asked + 1 WHERE idempotency_key = $1', [key]);
    const found = await pool.query<Charge>(
      `/* charge.by-key */ SELECT ${COLUMNS} FROM charge c WHERE idempotency_key = $1`,
      [key],
    );
    return found.rows[0] ?? null;
  }
  return {
    chargeByKey,
    async addToken(behaviour) {
      const token = `tok_${randomBytes(24).toString('base64url')}`;
      await pool.query('/* card-token.add */ INSERT INTO card_token (token, behaviour) VALUES ($1, $2)', [
        token,
        behaviour,
      ]);
      return token;
    },
    async behaviourOf(token) {
      const found = await pool.query<{ behaviour: CardBehaviour }>(
        '/* card-token.behaviour */ SELECT behaviour FROM card_token WHERE token = $1',
        [token],
      );
      return found.rows[0]?.behaviour ?? null;
    },
    async countAttempt(key) {
      const counted = await pool.query<{ attempts: number }>(
        `/* charge.attempt */ INSERT INTO charge_attempt AS a (idempotency_key, attempts) VALUES ($1, 1)
         ON CONFLICT (idempotency_key) DO UPDATE SET attempts = a.attempts + 1 RETURNING attempts`,
        [key],
      );
      return counted.rows[0]!.attempts;
    },
    async charge(request, status, behaviour) {
      const notices = noticesOf(behaviour, status);
      // One statement: of calls at once, only the one that charges writes notices of it.
      await pool.query(
        `/* charge.add */ WITH made AS (
           INSERT INTO charge (idempotency_key, charge_id, token, amount, currency, status)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (idempotency_key) DO NOTHING RETURNING idempotency_key)
         INSERT INTO charge_notice (notice_id, idempotency_key, type, deliveries, due_at)
         SELECT n.id, made.idempotency_key, n.type, n.deliveries, clock_timestamp() + make_interval(secs => n.after / 1000.0)
         FROM made, unnest($7::uuid[], $8::text[], $9::int[], $10::float8[]) WITH ORDINALITY AS n (id, type, deliveries, after, nth) ORDER BY n.nth`,
        [
          request.key, uuidv7(), request.token, request.amount, request.currency, status, notices.map(() => uuidv7()),
          notices.map(({ type }) => type), notices.map(({ deliveries }) => deliveries), notices.map(({ afterMs }) => afterMs),
        ],
      );
      return (await chargeByKey(request.key))!;
    },
  };
}
