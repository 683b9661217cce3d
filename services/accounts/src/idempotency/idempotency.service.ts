import { createHash } from 'node:crypto';
import { failpoint } from '@tael/platform/failpoint';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { type Outcome, refuse, type Refusal, type Refused } from '../outcomes/outcome.domain';

/** A wish to do something once. `input` is normalised (amounts in minor units), so that 12.5 and 12.50 are one wish. */
export interface KeyClaim {
  /** Whose key it is: the person. */
  readonly scope: string;
  readonly key: string;
  readonly mutation: 'payMerchant' | 'sendMoney' | 'topUp' | 'refundPayment' | 'withdraw' | 'setPayoutAccount' | 'setLimit' | 'setFeeSchedule' | 'endConsents';
  readonly input: Readonly<Record<string, string | null>>;
  /** The id that the transaction gets if all goes well; stands as the answer unless a refusal replaces it. */
  readonly transactionId: string;
}

/** What was answered under a key. */
export type StoredAnswer = Outcome<{ transactionId: string }>;

/** Refuses a key that cannot be used: it has 1 to 255 characters, none of them a control character. */
export function keyRefusals(key: string): Refusal[] {
  const field = ['input', 'idempotencyKey'];
  if (key.length === 0) return [{ code: 'INVALID_INPUT', reason: 'EMPTY', field }];
  if ([...key].length > 255) return [{ code: 'INVALID_INPUT', reason: 'TOO_LONG', field }];
  return /[\p{Cc}\p{Cs}]/u.test(key) ? [{ code: 'INVALID_INPUT', field }] : [];
}

/** Hashes that were asked for, by the claim: a wish is asked about where it comes in, where its key is taken and where an answer is replayed. */
const hashes = new WeakMap<object, Buffer>();

/** Says in 32 bytes what is asked: the same for two wishes that mean the same. */
export function requestHash(claim: Pick<KeyClaim, 'mutation' | 'input'>): Buffer {
  const known = hashes.get(claim);
  if (known) return known;
  const hash = hashOf(claim);
  hashes.set(claim, hash);
  return hash;
}

function hashOf(claim: Pick<KeyClaim, 'mutation' | 'input'>): Buffer {
  const fields = Object.keys(claim.input).sort().map((name) => [name, claim.input[name]]);
  return createHash('sha256').update(JSON.stringify([claim.mutation, fields])).digest();
}

/**
 * Takes a key in an open transaction, which holds it until it ends: whoever comes with the same key meanwhile waits here,
 * on the unique index, and then gets the stored answer. Gives undefined where the key was free and is now ours.
 */
export async function claimKey(tx: Tx, claim: KeyClaim): Promise<StoredAnswer | undefined> {
  const hash = requestHash(claim);
  const taken: unknown[] = await tx.query(
    `/* idempotency.claim */ INSERT INTO idempotency (scope, key, mutation, "requestHash", "transactionId", "createdAt")
     VALUES ($1, $2, $3, $4, $5, clock_timestamp()) ON CONFLICT (scope, key) DO NOTHING RETURNING 1`,
    [claim.scope, claim.key, claim.mutation, hash, claim.transactionId],
  );
  return taken.length > 0 ? undefined : storedAnswer(tx, claim);
}

/** Gives what was answered under a key, and takes none: for what must be known before anybody outside is asked. */
export async function storedAnswer(manager: Pick<Tx, 'query'>, claim: Omit<KeyClaim, 'transactionId'>): Promise<StoredAnswer | undefined> {
  const [stored]: StoredKey[] = await manager.query(
    `/* idempotency.read */ SELECT "requestHash", "transactionId", refusals FROM idempotency WHERE scope = $1 AND key = $2`,
    [claim.scope, claim.key],
  );
  return stored && replay(requestHash(claim), stored);
}

/** What stands under a key that was claimed before. */
export interface StoredKey {
  readonly requestHash: Buffer;
  readonly transactionId: string | null;
  readonly refusals: Refusal[] | null;
}

/** Answers a wish from what stands under its key. */
export function replay(hash: Buffer, stored: StoredKey): StoredAnswer {
  if (!hash.equals(stored.requestHash)) return refuse('IDEMPOTENCY_KEY_REUSED', ['input', 'idempotencyKey']);
  return stored.refusals ? { ok: false, refusals: stored.refusals } : { ok: true, transactionId: stored.transactionId! };
}

/** Makes a refusal the answer that a claimed key gives from now on. */
export async function storeRefusal(tx: Tx, claim: Pick<KeyClaim, 'scope' | 'key'>, refused: Refused): Promise<void> {
  await tx.query(
    '/* idempotency.refuse */ SELECT payment_refuse(ARRAY[$1]::uuid[], ARRAY[$2]::text[], ARRAY[$3]::jsonb[])',
    [claim.scope, claim.key, JSON.stringify(refused.refusals)],
  );
}

/** Carries an answer out of a transaction that is rolled back, key and all. */
class NotRecorded extends Error {
  constructor(readonly refused: Refused) {
    super('rolled back, the key stays free');
  }
}

// What does not exist or is not active yet was not decided on locked rows, and may be otherwise a moment later (a merchant
// becomes known by an event); a frozen wallet may be let go, and then the same wish is still good; and what may be tried later, waits for a step-up or was asked in a session that has ended was not
// decided at all: the key stays free. Every other refusal burns it.
const OPEN_ENDED: ReadonlySet<string> = new Set(['NOT_FOUND', 'MERCHANT_NOT_ACTIVE', 'WALLET_FROZEN', 'INVALID_INPUT', 'STEP_UP_REQUIRED', 'SESSION_EXPIRED']);

/** Says whether a refusal leaves its key free. */
export function isOpenEnded({ code, reason }: Refusal): boolean {
  return OPEN_ENDED.has(code) || reason === 'TRY_LATER';
}

/**
 * Does `work` once a key, in one transaction with the key's record: its effect and its answer commit together. A refusal
 * that was decided on locked rows is stored and replayed; a fault rolls back and leaves the key free.
 */
export async function once(
  dataSource: DataSource,
  claim: KeyClaim,
  work: (tx: Tx) => Promise<Outcome<object>>,
): Promise<StoredAnswer> {
  try {
    const answer = await inTransaction<StoredAnswer>(dataSource, async (tx) => {
      const stored = await claimKey(tx, claim);
      if (stored) return stored;
      const done = await work(tx);
      failpoint(`${claim.mutation}.before-commit`);
      if (done.ok) return { ok: true, transactionId: claim.transactionId };
      if (done.refusals.some(isOpenEnded)) throw new NotRecorded(done);
      await storeRefusal(tx, claim, done);
      return done;
    });
    failpoint(`${claim.mutation}.after-commit`);
    return answer;
  } catch (error) {
    if (error instanceof NotRecorded) return error.refused;
    throw error;
  }
}
