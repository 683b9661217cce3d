import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import type { CardBehaviour } from './card-behaviour.domain';

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
}

/** What the processor remembers: tokens by behaviour, charges by idempotency key. */
export interface CardProcessorStore {
  addToken(behaviour: CardBehaviour): Promise<string>;
  behaviourOf(token: string): Promise<CardBehaviour | null>;
  /** Counts calls with this key, from 1. */
  countAttempt(key: string): Promise<number>;
  /** Charges once a key: of concurrent calls one writes, and all get what it wrote. */
  charge(request: ChargeRequest, status: Charge['status']): Promise<Charge>;
  chargeByKey(key: string): Promise<Charge | null>;
}

const COLUMNS = 'charge_id AS "chargeId", status, token, amount::text AS amount, currency';

/** Makes the store on the sandbox's database. */
export function createCardProcessorStore(pool: pg.Pool): CardProcessorStore {
  async function chargeByKey(key: string): Promise<Charge | null> {
    const found = await pool.query<Charge>(
      `/* charge.by-key */ SELECT ${COLUMNS} FROM charge WHERE idempotency_key = $1`,
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
    async charge(request, status) {
      await pool.query(
        `/* charge.add */ INSERT INTO charge (idempotency_key, charge_id, token, amount, currency, status)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (idempotency_key) DO NOTHING`,
        [request.key, uuidv7(), request.token, request.amount, request.currency, status],
      );
      return (await chargeByKey(request.key))!;
    },
  };
}
