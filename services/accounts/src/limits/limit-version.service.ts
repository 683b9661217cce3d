import { formatAmount, type Money } from '@tael/money';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Operator } from '../approvals/approval.handler';
import { reasonRefusals } from '../audit/audit.domain';
import { audit, auditTrail } from '../audit/audit.service';
import type { AuditEntryEntity } from '../audit/audit-entry.entity';
import { type KeyClaim, keyRefusals, once } from '../idempotency/idempotency.service';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { whileSessionLives } from '../sessions/session.service';
import { decideLimit, type LimitChange, type LimitKind, type VersionedLimit, versionAt } from './limit-change.domain';

/** What an operator wants a limit to be: an amount or a count, as the limit is. */
export interface SetLimit {
  readonly limitId: string;
  readonly expectedVersion: number;
  readonly amount: Money | undefined;
  readonly count: number | undefined;
  readonly effectiveFrom: Date | undefined;
  readonly reason: string;
  readonly idempotencyKey: string | undefined;
}

type LimitOutcome = Outcome<{ limit: VersionedLimit }>;

/** Limits as operators see and change them. What moves money reads the table itself, in the statement that reads all it depends on. */
export class LimitVersionService {
  constructor(private readonly parts: { readonly dataSource: DataSource; readonly now: () => Date }) {}

  now(): Date {
    return this.parts.now();
  }

  /** Gives limits by their ids, of one kind where it is given. */
  async list(page: { kind: LimitKind | undefined; limit: number; after: string | undefined }): Promise<VersionedLimit[]> {
    const { manager } = this.parts.dataSource;
    const rows: { id: string }[] = await manager.query(
      `/* limits.page */ SELECT id FROM limit_definition WHERE version = 1 AND id > $1 AND kinds && $2 ORDER BY id LIMIT $3`,
      [page.after ?? '', page.kind ? [page.kind] : KINDS, page.limit],
    );
    return readLimits(manager, rows.map(({ id }) => id));
  }

  async find(id: string): Promise<VersionedLimit | undefined> {
    if (!isLimitId(id)) return undefined;
    const [limit] = await readLimits(this.parts.dataSource.manager, [id]);
    return limit;
  }

  trail(id: string, page: { limit: number; after: string | undefined }): Promise<AuditEntryEntity[]> {
    return auditTrail(this.parts.dataSource, { kind: 'LIMIT', id }, page);
  }

  /** Lowers an amount, or sets a count, by one person; once a key, where there is one. */
  async set(by: Operator, command: SetLimit): Promise<LimitOutcome> {
    const { idempotencyKey: key, limitId } = command;
    const invalid = [...(key === undefined ? [] : keyRefusals(key)), ...reasonRefusals(command.reason)];
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const changeId = uuidv7();
    const work = (tx: Tx) => whileSessionLives(tx, by, () => enterByOne(tx, by, command, changeId));
    const { dataSource } = this.parts;
    const claim = { scope: by.personId, mutation: 'setLimit' as const, transactionId: changeId, input: inputOf(command) };
    const done = await (key === undefined ? inTransaction(dataSource, work) : once(dataSource, { ...claim, key }, work));
    return done.ok ? { ok: true, limit: (await this.find(limitId))! } : done;
  }
}

/** What a key stands for: all that is asked for. */
function inputOf({ limitId, expectedVersion, amount, count, effectiveFrom, reason }: SetLimit): KeyClaim['input'] {
  return {
    limitId, expectedVersion: String(expectedVersion), minor: amount ? String(amount.minor) : null, currency: amount?.currency ?? null,
    count: count === undefined ? null : String(count), effectiveFrom: effectiveFrom?.toISOString() ?? null, reason,
  };
}

async function enterByOne(tx: Tx, { personId }: Operator, command: SetLimit, changeId: string): Promise<Outcome<object>> {
  const locked = await lockLimit(tx, command.limitId);
  if (!locked) return refuse('NOT_FOUND', ['input', 'limitId']);
  const cap = capOf(locked.limit, command);
  return cap.ok ? enterVersion(tx, locked, { ...command, cap: cap.cap }, { by: personId, persons: 1, changeId }) : cap;
}

/** Says whether a text may be the name of a limit. */
export const isLimitId = (text: string): boolean => /^[A-Za-z-]{1,64}$/.test(text);

const KINDS: readonly LimitKind[] = ['PAYMENT', 'TRANSFER', 'TOP_UP', 'WITHDRAWAL', 'CASHIER_REFUND', 'CASHIER_REFUND_DAY', 'MERCHANT_OWING', 'STEP_UP'];

/** Reads limits with their versions, in order of their ids. */
async function readLimits(manager: EntityManager, ids: readonly string[]): Promise<VersionedLimit[]> {
  const rows: (Omit<VersionedLimit, 'versions'> & VersionedLimit['versions'][number])[] = await manager.query(
    `/* limits.read */ SELECT id, currency, kinds, measure, "window", version, cap, "effectiveFrom", "enteredAt", "enteredBy"
     FROM limit_definition WHERE id = ANY ($1::text[]) ORDER BY id, version DESC`,
    [ids],
  );
  const limits = new Map<string, Omit<VersionedLimit, 'versions'> & { versions: VersionedLimit['versions'][number][] }>();
  for (const { id, currency, kinds, measure, window, ...version } of rows) {
    const limit = limits.get(id) ?? { id, currency, kinds, measure, window, versions: [] };
    limits.set(id, limit);
    limit.versions.push(version);
  }
  return [...limits.values()];
}

/** A limit under its lock, and the time that counts for it: that of the database, as for the movements that it bounds. */
interface LockedLimit {
  readonly limit: VersionedLimit;
  readonly now: Date;
}

/** Locks a limit against other changes: of two persons at once the second waits here, and sees what the first did. */
export async function lockLimit(tx: Tx, id: string): Promise<LockedLimit | undefined> {
  if (!isLimitId(id)) return undefined;
  await tx.query('/* limits.lock */ SELECT pg_advisory_xact_lock(hashtextextended($1, 31))', [id]);
  const [limit] = await readLimits(tx, [id]);
  const [{ now }] = await tx.query('/* limits.now */ SELECT clock_timestamp() AS now');
  return limit ? { limit, now } : undefined;
}

/** Gives the cap that a command asks for, in the limit's own measure. */
function capOf({ measure, currency }: VersionedLimit, { amount, count }: Pick<SetLimit, 'amount' | 'count'>): Outcome<{ cap: bigint }> {
  if (measure === 'COUNT') return count === undefined || amount ? refuse('INVALID_INPUT', ['input', 'count'], 'LIMIT_MEASURE') : { ok: true, cap: BigInt(count) };
  if (!amount || count !== undefined) return refuse('INVALID_INPUT', ['input', 'amount'], 'LIMIT_MEASURE');
  return amount.currency === currency ? { ok: true, cap: amount.minor } : refuse('CURRENCY_MISMATCH', ['input', 'amount', 'currency']);
}

/** Enters the next version of a limit, and says so in the trail. */
export async function enterVersion(
  tx: Tx, { limit, now }: LockedLimit, change: LimitChange & { readonly reason: string },
  { by, persons, approvalId, changeId = uuidv7() }: { by: string; persons: 1 | 2; approvalId?: string; changeId?: string },
): Promise<Outcome<{ changeId: string }>> {
  const decided = decideLimit(limit, change, { now, persons });
  if (!decided.ok) return decided;
  const { version, cap, effectiveFrom } = decided.next;
  await tx.query(
    `/* limits.enter */ INSERT INTO limit_definition (id, version, currency, kinds, measure, "window", cap, "effectiveFrom", "enteredAt", "enteredBy", "changeId")
     SELECT id, $2, currency, kinds, measure, "window", $3, $4, $5, $6, $7 FROM limit_definition WHERE id = $1 AND version = 1`,
    [limit.id, version, String(cap), effectiveFrom, now, by, changeId],
  );
  const told = (value: { version: number; cap: bigint; effectiveFrom: Date }) => ({
    version: value.version, cap: limit.currency ? formatAmount(value.cap, limit.currency) : String(value.cap), effectiveFrom: value.effectiveFrom.toISOString(),
  });
  await audit(tx, { kind: 'LIMIT', id: limit.id }, {
    actorId: by, action: 'LIMIT_SET', before: told(versionAt(limit.versions, now)), after: { ...told(decided.next), ...(approvalId ? { approvalId } : {}) },
    reason: change.reason, at: now,
  });
  return { ok: true, changeId };
}
