import type { Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import type { Operator } from '../approvals/approval.handler';
import { reasonRefusals } from '../audit/audit.domain';
import { audit, auditTrail } from '../audit/audit.service';
import type { AuditEntryEntity } from '../audit/audit-entry.entity';
import { keyRefusals, once } from '../idempotency/idempotency.service';
import { uuidOf } from '../ids.domain';
import { type Outcome, refuse } from '../outcomes/outcome.domain';
import { whileSessionLives } from '../sessions/session.service';
import { type ConsentOrderStatus, type ConsentsEndCause, decideOrder, orderStatus } from './consent-order.domain';
import { lockBank } from './consent-order.bank';
import { ConsentOrderEntity } from './consent-order.entity';
import { partnerName } from './consent.service';

/** An order as operators see it. */
export interface ConsentOrder extends ConsentOrderEntity {
  readonly partnerName: string;
  readonly status: ConsentOrderStatus;
  /** How many still wait to be ended: nobody can use them meanwhile. */
  readonly left: number;
}

export interface EndConsents {
  readonly partnerId: string;
  readonly cause: ConsentsEndCause;
  readonly reason: string;
  readonly idempotencyKey: string;
}

type Row = ConsentOrderEntity & { readonly name: string | null; readonly left: number };

/** How many consents of a bank stand at $1, by their index alone. */
const standingOf = (partnerId: string): string =>
  `(SELECT count(*)::int FROM consent c WHERE c."partnerId" = ${partnerId} AND c."withdrawnAt" IS NULL AND c."expiresAt" > $1)`;
const READ = `SELECT o.*, p.name, CASE WHEN o."finishedAt" IS NULL THEN ${standingOf('o."partnerId"')} ELSE 0 END AS "left"
  FROM consent_order o JOIN partner_copy p ON p."partnerId" = o."partnerId"`;
const NEWEST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

/** All consents of a bank ordered to end, as operators do and see it. From the order's commit on none stands; each is then ended by itself. */
export class ConsentOrderService {
  constructor(private readonly parts: { dataSource: DataSource; sealer: Sealer; now: () => Date }) {}

  /** Orders it, once a key. Refusals: INVALID_INPUT, NOT_FOUND, ALREADY_EXISTS (one runs), IDEMPOTENCY_KEY_REUSED, SESSION_EXPIRED. */
  async order(by: Operator, command: EndConsents): Promise<Outcome<{ order: ConsentOrder }>> {
    const { idempotencyKey: key, cause, reason } = command;
    const invalid = [...keyRefusals(key), ...reasonRefusals(reason)];
    if (invalid.length > 0) return { ok: false, refusals: invalid };
    const partnerId = uuidOf(command.partnerId);
    if (!partnerId) return refuse('NOT_FOUND', ['input', 'partnerId']);
    const claim = { scope: by.personId, key, mutation: 'endConsents' as const, input: { partnerId, cause, reason }, transactionId: uuidv7() };
    const done = await once(this.parts.dataSource, claim, (tx) =>
      whileSessionLives(tx, by, () => this.enter(tx, by, { id: claim.transactionId, partnerId, cause, reason })));
    return done.ok ? { ok: true, order: (await this.find(done.transactionId))! } : done;
  }

  private async enter(tx: Tx, by: Operator, order: Pick<ConsentOrderEntity, 'id' | 'partnerId' | 'cause' | 'reason'>): Promise<Outcome<object>> {
    const decided = decideOrder(await lockBank(tx, order.partnerId, 'NO KEY UPDATE'));
    if (!decided.ok) return decided;
    const at = this.parts.now();
    const [{ total }]: [{ total: number }] = await tx.query(`/* consentOrders.count */ SELECT ${standingOf('$2')} AS total`, [at, order.partnerId]);
    await tx.insert(ConsentOrderEntity, { ...order, orderedBy: by.personId, orderedAt: at, total });
    const { id, partnerId, cause, reason } = order;
    await audit(tx, { kind: 'CONSENT_ORDER', id }, { actorId: by.personId, action: 'ORDERED', before: null, after: { partnerId, cause, total }, reason, at });
    return { ok: true };
  }

  async find(given: string): Promise<ConsentOrder | undefined> {
    const id = uuidOf(given);
    if (!id) return undefined;
    const [row]: Row[] = await this.parts.dataSource.query(`/* consentOrders.find */ ${READ} WHERE o.id = $2`, [this.parts.now(), id]);
    return row && this.shown(row);
  }

  /** Gives a page of the orders, of one bank where it is given; the newest first. */
  async list({ partnerId, after, limit }: { partnerId: string | undefined; after: string | undefined; limit: number }): Promise<ConsentOrder[]> {
    const { dataSource, now } = this.parts;
    const page = 'o.id < $2 ORDER BY o.id DESC LIMIT $3';
    const values = [now(), after ?? NEWEST, limit];
    if (partnerId === undefined) return this.all(await dataSource.query(`/* consentOrders.page */ ${READ} WHERE ${page}`, values));
    const bank = uuidOf(partnerId);
    return bank ? this.all(await dataSource.query(`/* consentOrders.ofBank */ ${READ} WHERE o."partnerId" = $4 AND ${page}`, [...values, bank])) : [];
  }

  trail(id: string, page: { limit: number; after: string | undefined }): Promise<AuditEntryEntity[]> {
    return auditTrail(this.parts.dataSource, { kind: 'CONSENT_ORDER', id }, page);
  }

  private all(rows: readonly Row[]): ConsentOrder[] {
    return rows.map((row) => this.shown(row));
  }

  private shown({ name, ...row }: Row): ConsentOrder {
    return { ...row, partnerName: partnerName(this.parts.sealer, row.partnerId, name), status: orderStatus(row) };
  }
}
