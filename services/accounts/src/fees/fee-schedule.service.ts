import { type CurrencyCode, formatAmount, isCurrencyCode, type Money } from '@tael/money';
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
import { decideFee, feeAt, type FeeKind, type FeeVersion, type VersionedFee } from './fee-change.domain';

/** What an operator wants charged. */
export interface SetFeeSchedule {
  readonly kind: FeeKind;
  readonly currency: string;
  readonly expectedVersion: number;
  readonly rateBasisPoints: number;
  readonly minimum: Money;
  readonly maximum: Money;
  readonly effectiveFrom: Date | undefined;
  readonly reason: string;
  readonly idempotencyKey: string | undefined;
}

/** Gives the name of a schedule in the trail and the API. */
export const scheduleId = ({ kind, currency }: Pick<VersionedFee, 'kind' | 'currency'>): string => `${kind}-${currency}`;

/** Fee schedules as operators see and change them. Whoever charges reads the table itself. */
export class FeeScheduleService {
  constructor(private readonly parts: { readonly dataSource: DataSource; readonly now: () => Date }) {}

  now(): Date {
    return this.parts.now();
  }

  /** Gives schedules in order of kind and currency; of one kind where it is given. */
  async list(page: { kind: FeeKind | undefined; limit: number; after: readonly [string, string] | undefined }): Promise<VersionedFee[]> {
    const [kind, currency] = page.after ?? ['', ''];
    const { manager } = this.parts.dataSource;
    const rows: Pick<VersionedFee, 'kind' | 'currency'>[] = await manager.query(
      `/* fees.page */ SELECT DISTINCT kind, currency FROM fee_schedule WHERE kind = ANY ($1::text[]) AND (kind, currency) > ($2, $3)
       ORDER BY kind, currency LIMIT $4`,
      [page.kind ? [page.kind] : ['PAYMENT', 'WITHDRAWAL'], kind, currency, page.limit],
    );
    return readFees(manager, rows);
  }

  trail(id: string, page: { limit: number; after: string | undefined }): Promise<AuditEntryEntity[]> {
    return auditTrail(this.parts.dataSource, { kind: 'FEE_SCHEDULE', id }, page);
  }

  /** Enters what is charged from an instant on; once a key, where there is one. */
  async set(by: Operator, command: SetFeeSchedule): Promise<Outcome<{ fee: VersionedFee }>> {
    const { idempotencyKey: key, kind, currency } = command;
    const invalid = [...(key === undefined ? [] : keyRefusals(key)), ...reasonRefusals(command.reason)];
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    if (!isCurrencyCode(currency)) return refuse('INVALID_INPUT', ['input', 'currency'], 'UNKNOWN_CURRENCY');
    for (const name of ['minimum', 'maximum'] as const) {
      if (command[name].currency !== currency) return refuse('CURRENCY_MISMATCH', ['input', name, 'currency']);
    }
    const changeId = uuidv7();
    const work = (tx: Tx) => whileSessionLives(tx, by, () => enterSchedule(tx, by, { ...command, currency }, changeId));
    const { dataSource } = this.parts;
    const claim = { scope: by.personId, mutation: 'setFeeSchedule' as const, transactionId: changeId, input: inputOf(command) };
    const done = await (key === undefined ? inTransaction(dataSource, work) : once(dataSource, { ...claim, key }, work));
    return done.ok ? { ok: true, fee: (await readFees(dataSource.manager, [{ kind, currency }]))[0]! } : done;
  }
}

/** What a key stands for: all that is asked for. */
function inputOf({ kind, currency, expectedVersion, rateBasisPoints, minimum, maximum, effectiveFrom, reason }: SetFeeSchedule): KeyClaim['input'] {
  return {
    kind, currency, expectedVersion: String(expectedVersion), rateBasisPoints: String(rateBasisPoints), minimum: String(minimum.minor),
    maximum: String(maximum.minor), effectiveFrom: effectiveFrom?.toISOString() ?? null, reason,
  };
}

/** Enters a schedule under the lock of its kind and currency, and says so in the trail. */
async function enterSchedule(
  tx: Tx, { personId }: Operator, command: SetFeeSchedule & { readonly currency: CurrencyCode }, changeId: string,
): Promise<Outcome<object>> {
  const { kind, currency, reason } = command;
  const id = scheduleId({ kind, currency });
  // Of two operators at once the second waits here, and sees what the first did.
  await tx.query('/* fees.lock */ SELECT pg_advisory_xact_lock(hashtextextended($1, 32))', [id]);
  const [fee] = await readFees(tx, [{ kind, currency }]);
  if (!fee) return refuse('NOT_FOUND', ['input', 'currency']);
  const [{ now }] = await tx.query('/* fees.now */ SELECT clock_timestamp() AS now');
  const rate = { rateBasisPoints: command.rateBasisPoints, minimum: command.minimum.minor, maximum: command.maximum.minor };
  const decided = decideFee(fee, { ...rate, expectedVersion: command.expectedVersion, effectiveFrom: command.effectiveFrom }, now);
  if (!decided.ok) return decided;
  const next: FeeVersion = { ...rate, effectiveFrom: freeInstant(fee, decided.effectiveFrom), enteredAt: afterLast(fee, now), enteredBy: personId };
  await tx.query(
    `/* fees.enter */ INSERT INTO fee_schedule (kind, currency, "effectiveFrom", "enteredAt", "rateBasisPoints", minimum, maximum, "enteredBy", "changeId")
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [kind, currency, next.effectiveFrom, next.enteredAt, rate.rateBasisPoints, String(rate.minimum), String(rate.maximum), personId, changeId],
  );
  const told = (version: FeeVersion) => ({
    rateBasisPoints: version.rateBasisPoints, minimum: formatAmount(version.minimum, currency), maximum: formatAmount(version.maximum, currency),
    effectiveFrom: version.effectiveFrom.toISOString(),
  });
  await audit(tx, { kind: 'FEE_SCHEDULE', id }, {
    actorId: personId, action: 'FEE_SCHEDULE_SET', before: told(feeAt(fee.versions, now)), after: told(next), reason, at: now,
  });
  return { ok: true };
}

/** An instant at which no other schedule begins: the table has one an instant. */
function freeInstant({ versions }: VersionedFee, wanted: Date): Date {
  const taken = new Set(versions.map(({ effectiveFrom }) => effectiveFrom.getTime()));
  let instant = wanted.getTime();
  while (taken.has(instant)) instant += 1;
  return new Date(instant);
}

/** The time of entry, which is later than that of each schedule before, whatever the clock does: the order of entry decides. */
function afterLast({ versions }: VersionedFee, now: Date): Date {
  return new Date(Math.max(now.getTime(), ...versions.map(({ enteredAt }) => enteredAt.getTime() + 1)));
}

async function readFees(manager: EntityManager, wanted: readonly Pick<VersionedFee, 'kind' | 'currency'>[]): Promise<VersionedFee[]> {
  const rows: (FeeVersion & Pick<VersionedFee, 'kind' | 'currency'>)[] = await manager.query(
    `/* fees.read */ SELECT s.kind, s.currency, s."effectiveFrom", s."enteredAt", s."enteredBy", s."rateBasisPoints", s.minimum, s.maximum
     FROM unnest($1::text[], $2::text[]) AS w (kind, currency) JOIN fee_schedule s ON s.kind = w.kind AND s.currency = w.currency
     ORDER BY s.kind, s.currency, s."enteredAt" DESC`,
    [wanted.map(({ kind }) => kind), wanted.map(({ currency }) => currency)],
  );
  const fees = new Map<string, Omit<VersionedFee, 'versions'> & { versions: FeeVersion[] }>();
  for (const { kind, currency, ...version } of rows) {
    const fee = fees.get(scheduleId({ kind, currency })) ?? { kind, currency, versions: [] };
    fees.set(scheduleId(fee), fee);
    fee.versions.push(version);
  }
  return [...fees.values()];
}
