import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { type BankBehaviour, lifeOf, type OrderStatus } from './bank-behaviour.domain';
import { type Deposits, depositsOf } from './bank-deposits';

/** The bank's tables. Account numbers and names have no column: of an account only its behaviour is kept. */
export const BANK_SCHEMA = `
  CREATE TABLE IF NOT EXISTS bank_mandate (
    mandate_id text PRIMARY KEY,
    behaviour text NOT NULL,
    verified boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  ALTER TABLE bank_mandate ADD COLUMN IF NOT EXISTS idempotency_key text UNIQUE;
  CREATE TABLE IF NOT EXISTS bank_order (
    idempotency_key text PRIMARY KEY,
    order_id uuid NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('DEBIT', 'CREDIT')),
    mandate_id text NOT NULL REFERENCES bank_mandate,
    behaviour text NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    currency text NOT NULL,
    status text NOT NULL CHECK (status IN ('ACCEPTED', 'SETTLED', 'FAILED', 'RETURNED', 'CANCELLED')),
    reason text,
    asked integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE IF NOT EXISTS bank_order_attempt (
    idempotency_key text PRIMARY KEY,
    behaviour text NOT NULL,
    attempts integer NOT NULL
  );
  CREATE TABLE IF NOT EXISTS bank_order_cancelled (idempotency_key text PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS bank_order_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    idempotency_key text NOT NULL REFERENCES bank_order,
    status text NOT NULL,
    deliveries integer NOT NULL,
    due_at timestamptz NOT NULL
  );
  CREATE TABLE IF NOT EXISTS bank_booking (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    booking_id uuid NOT NULL,
    idempotency_key text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('BOOKED', 'RETURNED')),
    amount bigint NOT NULL,
    currency text NOT NULL,
    booked_at timestamptz NOT NULL DEFAULT clock_timestamp()
  );
`;

export interface BankOrderRequest {
  readonly key: string;
  readonly kind: 'DEBIT' | 'CREDIT';
  readonly mandateId: string;
  /** Minor units, as text. */
  readonly amount: string;
  readonly currency: string;
}

export interface BankOrder extends BankOrderRequest {
  readonly orderId: string;
  readonly behaviour: BankBehaviour;
  readonly status: OrderStatus;
  readonly reason: string | null;
  /** How often it was asked about. */
  readonly asked: number;
}

export interface Booking {
  readonly position: string;
  readonly bookingId: string;
  readonly key: string;
  readonly kind: 'BOOKED' | 'RETURNED';
  /** As our account sees it: what comes in is positive. */
  readonly amount: string;
  readonly currency: string;
  readonly bookedAt: Date;
}

/** What the bank remembers: mandates, orders by idempotency key, and the bookings on the account that we have there. */
export interface BankStore {
  /** Gives a mandate; the one that a key has already, whatever it is asked with. */
  addMandate(mandate: { behaviour: BankBehaviour; verified: boolean; key: string | undefined }): Promise<{ id: string; verified: boolean }>;
  /** The small deposits of the last hundred mandates that had some, the newest first: what their holders see arrive. */
  deposits(): Promise<Deposits[]>;
  mandate(id: string): Promise<{ behaviour: BankBehaviour; verified: boolean } | null>;
  verify(mandateId: string): Promise<void>;
  /** Counts the calls with a key, from 1. */
  countAttempt(key: string, behaviour: BankBehaviour): Promise<number>;
  /** Says whether a key's orders went to an account that never answers. */
  wasSilent(key: string): Promise<boolean>;
  /** Takes an order once a key: of concurrent calls one writes, and all get what it wrote. Null where it was cancelled before. */
  take(request: BankOrderRequest, behaviour: BankBehaviour): Promise<BankOrder | null>;
  /** Gives what became of a key. */
  order(key: string, asking?: boolean): Promise<BankOrder | 'cancelled' | null>;
  /** Stops an order that has not moved money yet; one that was never taken will never be. */
  cancel(key: string): Promise<BankOrder | 'cancelled'>;
  statement(after: string, limit: number): Promise<Booking[]>;
}

const COLUMNS = `idempotency_key AS key, order_id AS "orderId", kind, mandate_id AS "mandateId", behaviour, amount::text AS amount,
  currency, status, reason, asked`;

/** Does `work` as the only one: the life of an order goes on in one place. First what has come due meanwhile happens. */
async function alone<T>(pool: pg.Pool, work: (session: pg.PoolClient) => Promise<T>): Promise<T> {
  const session = await pool.connect();
  try {
    await session.query('BEGIN');
    await session.query(`/* bank.alone */ SELECT pg_advisory_xact_lock(hashtext('tael/sandbox/bank'))`);
    await goOn(session);
    const done = await work(session);
    await goOn(session);
    await session.query('COMMIT');
    return done;
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    session.release();
  }
}

async function goOn(session: pg.PoolClient): Promise<void> {
  const due = await session.query<{ id: string; key: string; status: OrderStatus; deliveries: number }>(
    `/* bank.due */ SELECT id, idempotency_key AS key, status, deliveries FROM bank_order_event
     WHERE due_at <= clock_timestamp() ORDER BY due_at, id`,
  );
  for (const { id, key, status, deliveries } of due.rows) {
    await session.query('/* bank.done */ DELETE FROM bank_order_event WHERE id = $1', [id]);
    await session.query(
      `/* bank.status */ UPDATE bank_order SET status = $2, reason = CASE $2 WHEN 'FAILED' THEN 'ACCOUNT_CLOSED'
         WHEN 'RETURNED' THEN 'RETURNED_BY_HOLDER' END
       WHERE idempotency_key = $1 AND status <> 'RETURNED'`,
      [key, status],
    );
    if (status === 'FAILED') continue;
    const bookingId = uuidv7();
    for (let n = 0; n < deliveries; n++) {
      await session.query(
        `/* bank.book */ INSERT INTO bank_booking (booking_id, idempotency_key, kind, amount, currency)
         SELECT $2, idempotency_key, $3, CASE WHEN (kind = 'DEBIT') = ($3 = 'BOOKED') THEN amount ELSE -amount END, currency
         FROM bank_order WHERE idempotency_key = $1`,
        [key, bookingId, status === 'SETTLED' ? 'BOOKED' : 'RETURNED'],
      );
    }
  }
}

const find = async (session: pg.PoolClient, key: string): Promise<BankOrder | undefined> =>
  (await session.query<BankOrder>(`/* bank.order */ SELECT ${COLUMNS} FROM bank_order WHERE idempotency_key = $1`, [key])).rows[0];

const isCancelled = async (session: pg.PoolClient, key: string): Promise<boolean> =>
  (await session.query('/* bank.cancelled */ SELECT 1 FROM bank_order_cancelled WHERE idempotency_key = $1', [key])).rowCount === 1;

async function take(session: pg.PoolClient, request: BankOrderRequest, behaviour: BankBehaviour): Promise<void> {
  const taken = await session.query(
    `/* bank.take */ INSERT INTO bank_order (idempotency_key, order_id, kind, mandate_id, behaviour, amount, currency, status)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'ACCEPTED') ON CONFLICT (idempotency_key) DO NOTHING`,
    [request.key, uuidv7(), request.kind, request.mandateId, behaviour, request.amount, request.currency],
  );
  if (taken.rowCount === 0) return;
  for (const { status, afterMs, deliveries } of lifeOf(behaviour)) {
    await session.query(
      `/* bank.plan */ INSERT INTO bank_order_event (idempotency_key, status, deliveries, due_at)
       VALUES ($1, $2, $3, clock_timestamp() + make_interval(secs => $4))`,
      [request.key, status, deliveries, afterMs / 1_000],
    );
  }
}

async function cancel(session: pg.PoolClient, key: string): Promise<BankOrder | 'cancelled'> {
  const found = await find(session, key);
  if (!found) {
    await session.query('/* bank.forbid */ INSERT INTO bank_order_cancelled VALUES ($1) ON CONFLICT DO NOTHING', [key]);
    return 'cancelled';
  }
  if (found.status !== 'ACCEPTED') return found;
  await session.query('/* bank.unplan */ DELETE FROM bank_order_event WHERE idempotency_key = $1', [key]);
  await session.query(`/* bank.cancel */ UPDATE bank_order SET status = 'CANCELLED' WHERE idempotency_key = $1`, [key]);
  return { ...found, status: 'CANCELLED' };
}

/** Makes the store on the sandbox's database. */
export function createBankStore(pool: pg.Pool): BankStore {
  return {
    async addMandate({ behaviour, verified, key }) {
      const id = `mnd_${randomBytes(18).toString('base64url')}`;
      const added = await pool.query<{ id: string; verified: boolean }>(
        `/* bank.mandate.add */ INSERT INTO bank_mandate (mandate_id, behaviour, verified, idempotency_key) VALUES ($1, $2, $3, $4)
         ON CONFLICT (idempotency_key) DO UPDATE SET idempotency_key = EXCLUDED.idempotency_key RETURNING mandate_id AS id, verified`,
        [id, behaviour, verified, key ?? null],
      );
      return added.rows[0]!;
    },
    async deposits() {
      const found = await pool.query<{ id: string; behaviour: BankBehaviour }>(
        `/* bank.deposits */ SELECT mandate_id AS id, behaviour FROM bank_mandate WHERE behaviour IN ('deposits', 'drawn-deposits')
         ORDER BY created_at DESC LIMIT 100`,
      );
      return found.rows.flatMap(({ id, behaviour }) => depositsOf(behaviour, id) ?? []);
    },
    async mandate(id) {
      const found = await pool.query<{ behaviour: BankBehaviour; verified: boolean }>(
        '/* bank.mandate */ SELECT behaviour, verified FROM bank_mandate WHERE mandate_id = $1', [id],
      );
      return found.rows[0] ?? null;
    },
    async verify(mandateId) {
      await pool.query('/* bank.mandate.verify */ UPDATE bank_mandate SET verified = true WHERE mandate_id = $1', [mandateId]);
    },
    async countAttempt(key, behaviour) {
      const counted = await pool.query<{ attempts: number }>(
        `/* bank.attempt */ INSERT INTO bank_order_attempt AS a (idempotency_key, behaviour, attempts) VALUES ($1, $2, 1)
         ON CONFLICT (idempotency_key) DO UPDATE SET attempts = a.attempts + 1 RETURNING attempts`,
        [key, behaviour],
      );
      return counted.rows[0]!.attempts;
    },
    async wasSilent(key) {
      const found = await pool.query(
        `/* bank.silent */ SELECT 1 FROM bank_order_attempt WHERE idempotency_key = $1 AND behaviour = 'silent'`, [key],
      );
      return found.rowCount === 1;
    },
    async take(request, behaviour) {
      const cancelled = await alone(pool, async (session) => {
        if (await isCancelled(session, request.key)) return true;
        await take(session, request, behaviour);
        return false;
      });
      return cancelled ? null : alone(pool, async (session) => (await find(session, request.key))!);
    },
    order: (key, asking = false) =>
      alone(pool, async (session) => {
        if (asking) {
          await session.query('/* bank.asked */ UPDATE bank_order SET asked = asked + 1 WHERE idempotency_key = $1', [key]);
        }
        return (await find(session, key)) ?? ((await isCancelled(session, key)) ? 'cancelled' : null);
      }),
    cancel: (key) => alone(pool, (session) => cancel(session, key)),
    statement: (after, limit) =>
      alone(pool, async (session) => {
        const found = await session.query<Booking>(
          `/* bank.statement */ SELECT position::text AS position, booking_id AS "bookingId", idempotency_key AS key, kind,
             amount::text AS amount, currency, booked_at AS "bookedAt"
           FROM bank_booking b WHERE b.position > $1 ORDER BY b.position LIMIT $2`,
          [after, limit],
        );
        return found.rows;
      }),
  };
}
