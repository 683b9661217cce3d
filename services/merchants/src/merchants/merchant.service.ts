import { toMessage } from '@tael/events';
import { currencyCode } from '@tael/money';
import { appendToOutbox } from '@tael/platform/outbox';
import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import { carriedOn } from '@tael/platform/telemetry';
import { type DataSource, type EntityManager, In } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { auditMerchant, auditTrail, MERCHANT_SUBJECT } from '../audit/audit.service';
import type { AuditEntryEntity } from '../audit/audit-entry.entity';
import { CategoryEntity } from '../categories/category.entity';
import { isCategoryCode } from '../categories/category.domain';
import { type PartnerRefusal, readReason } from '../partners/partner.domain';
import { FeePlanEntity } from './fee-plan.entity';
import {
  type Approval, canBeInName, containsPattern, decideActivation, decideRegistration, decideSuspension, type Merchant, type RegistrationCommand,
  type RegistrationPlan, type RegistrationRefusal, type StatusChange, type Viewer,
} from './merchant.domain';
import { MerchantEntity, MerchantPersonEntity } from './merchant.entity';
import { tellStatus } from './merchant-status.emission';

export type MerchantRefusal =
  | RegistrationRefusal | PartnerRefusal | { readonly code: 'NOT_FOUND' | 'NOT_ALLOWED'; readonly reason?: 'OWN_MERCHANT'; readonly field: readonly string[] };

export type MerchantOutcome =
  | { readonly ok: true; readonly merchant: Merchant }
  | { readonly ok: false; readonly refusals: readonly MerchantRefusal[] };

export interface MerchantFilter {
  readonly search: string | undefined;
  readonly categoryCode: string | undefined;
}

interface StatusCommand {
  readonly merchantId: string;
  readonly reason: string | undefined;
}

interface MerchantServiceParts {
  readonly dataSource: DataSource;
  readonly sealer: Sealer;
  readonly now: () => Date;
}

// What anybody may see of a merchant depends on this alone: $1 is the viewer, $2 whether it is an operator.
const VISIBLE = `(m.status = 'ACTIVE' OR $2::boolean OR EXISTS (
  SELECT FROM merchant_person p WHERE p."merchantId" = m.id AND p."personId" = $1::uuid))`;
const SHOWN = `m.id, m.name, m."categoryCode", c.description AS category, m.currency, m.status
  FROM merchant m JOIN category c ON c.code = m."categoryCode"`;

/** Answers for merchants: who they are, what they are allowed, and that every change is told as `merchant.changed`. */
export class MerchantService {
  constructor(private readonly parts: MerchantServiceParts) {}

  /** Registers a merchant. Refusals: INVALID_INPUT. */
  async register(command: RegistrationCommand, viewer: Viewer, traceparent: string): Promise<MerchantOutcome> {
    return inTransaction(this.parts.dataSource, async (tx) => {
      const category = isCategoryCode(command.categoryCode)
        ? await tx.findOneBy(CategoryEntity, { code: command.categoryCode })
        : null;
      const decision = decideRegistration(command, viewer, { category: category !== null });
      if (!decision.ok) return decision;
      const merchant = await this.insert(tx, decision.plan);
      const { status, categoryCode, currency, people } = decision.plan;
      await auditMerchant(tx, merchant.id, {
        viewer, action: 'REGISTERED', before: null, after: { status, categoryCode, currency, people }, at: merchant.createdAt,
      });
      await this.tell(tx, merchant, traceparent);
      return { ok: true, merchant: shown(merchant) };
    });
  }

  /** Lets a merchant be paid; one that was suspended with a reason alone. Refusals: INVALID_INPUT, NOT_FOUND, NOT_ALLOWED. */
  async activate(command: StatusCommand, viewer: Viewer, traceparent: string): Promise<MerchantOutcome> {
    return this.setStatus(command, { viewer, traceparent }, ({ status, people }) => {
      const decision = decideActivation(status, people.some(({ personId }) => personId === viewer.personId));
      if (decision !== 'ACTIVATE') return decision === 'OWN_MERCHANT' ? decision : undefined;
      const again = status === 'SUSPENDED';
      return { status: 'ACTIVE', activatedAt: this.parts.now(), action: again ? 'RESUMED' : 'ACTIVATED', needsReason: again };
    });
  }

  /** Shuts a merchant out: nobody pays it, and nothing is paid out to it. Refusals: INVALID_INPUT, NOT_FOUND. */
  async suspend(command: StatusCommand & { readonly reason: string }, viewer: Viewer, traceparent: string): Promise<MerchantOutcome> {
    return this.setStatus(command, { viewer, traceparent }, ({ status, activatedAt }) =>
      decideSuspension(status) === 'UNCHANGED' ? undefined : { status: 'SUSPENDED', activatedAt, action: 'SUSPENDED', needsReason: true },
    );
  }

  /** Gives up to `page.limit` changes of a merchant, the newest first. */
  trail(merchantId: string, page: { limit: number; after: string | undefined }): Promise<AuditEntryEntity[]> {
    return auditTrail(this.parts.dataSource, { kind: MERCHANT_SUBJECT, id: merchantId }, page);
  }

  /** Changes the status as `decide` says, under the lock of the row; where it says nothing, nothing changes and nothing is told. */
  private async setStatus(
    { merchantId, reason: given }: StatusCommand, { viewer, traceparent }: { viewer: Viewer; traceparent: string },
    decide: (merchant: MerchantEntity) => StatusChange | 'OWN_MERCHANT' | undefined,
  ): Promise<MerchantOutcome> {
    const missing: MerchantOutcome = { ok: false, refusals: [{ code: 'NOT_FOUND', field: ['input', 'merchantId'] }] };
    const reason = given === undefined ? undefined : readReason(given);
    if (reason?.ok === false) return reason;
    if (!isUuid(merchantId)) return missing;
    return inTransaction(this.parts.dataSource, async (tx) => {
      const [locked] = await tx.query('/* merchants.lock */ SELECT id FROM merchant WHERE id = $1 FOR UPDATE', [
        merchantId,
      ]);
      if (!locked) return missing;
      const merchant = await tx.findOneOrFail(MerchantEntity, {
        where: { id: merchantId },
        relations: { category: true, feePlan: true, people: true },
      });
      const change = decide(merchant);
      if (!change) return { ok: true, merchant: shown(merchant) };
      if (change === 'OWN_MERCHANT') return { ok: false, refusals: [{ code: 'NOT_ALLOWED', reason: change, field: ['input', 'merchantId'] }] };
      const { action, needsReason, ...columns } = change;
      if (needsReason && !reason) return { ok: false, refusals: [{ code: 'INVALID_INPUT', reason: 'EMPTY', field: ['input', 'reason'] }] };
      const before = { status: merchant.status };
      Object.assign(merchant, columns, { version: merchant.version + 1 });
      await tx.update(MerchantEntity, { id: merchant.id }, { ...columns, version: merchant.version, toldUnder: this.parts.sealer.keyId });
      await auditMerchant(tx, merchant.id, { viewer, action, before, after: { status: merchant.status }, reason: reason?.plan, at: this.parts.now() });
      await this.tell(tx, merchant, traceparent);
      // Its first activation is told with the application, or to whoever waits at the operator's desk.
      if (action !== 'ACTIVATED') await tellStatus(tx, merchant, action, { now: this.parts.now(), traceparent });
      return { ok: true, merchant: shown(merchant) };
    });
  }

  /** Registers a business that an operator has approved: it can be paid at once, and its owner acts for it. Gives its id. */
  async registerVerified(
    tx: Tx, { business, ownerId, approval }: { business: RegistrationCommand; ownerId: string; approval: Approval },
  ): Promise<string> {
    const decision = decideRegistration(business, { personId: ownerId, isOperator: false }, { category: true });
    if (!decision.ok) throw new Error(`an approved application cannot be registered: ${JSON.stringify(decision.refusals)}`);
    const now = this.parts.now();
    const merchant = await this.insert(tx, decision.plan, { status: 'ACTIVE', activatedAt: now, verifiedAt: now });
    const { categoryCode, currency, people } = decision.plan;
    await auditMerchant(tx, merchant.id, {
      ...approval, action: 'REGISTERED', before: null, after: { status: 'ACTIVE', verified: true, categoryCode, currency, people }, at: now,
    });
    await this.tell(tx, merchant, approval.traceparent);
    return merchant.id;
  }

  /** Notes that a merchant was approved, and lets it be paid where it waited for that. Undefined where the person is its owner no longer. */
  async verify(
    tx: Tx, { merchantId, ownerId, approval }: { merchantId: string; ownerId: string; approval: Approval },
  ): Promise<string | undefined> {
    const [before] = await tx.query('/* merchants.verifying */ SELECT status FROM merchant WHERE id = $1 FOR UPDATE', [merchantId]);
    if (!(await tx.existsBy(MerchantPersonEntity, { merchantId, personId: ownerId, role: 'OWNER' }))) return undefined;
    const now = this.parts.now();
    await tx.query(
      `/* merchants.verify */ UPDATE merchant SET "verifiedAt" = $2,
         "activatedAt" = CASE status WHEN 'PENDING' THEN $2 ELSE "activatedAt" END, status = CASE status WHEN 'PENDING' THEN 'ACTIVE' ELSE status END
       WHERE id = $1`,
      [merchantId, now],
    );
    const after = { status: before.status === 'PENDING' ? 'ACTIVE' : before.status, verified: true };
    await auditMerchant(tx, merchantId, { ...approval, action: 'VERIFIED', before, after, at: now });
    await this.tellAgain(tx, [merchantId], approval.traceparent);
    return merchantId;
  }

  /**
   * Tells the present state of merchants again, whose rows the caller has locked, with the name sealed under the key of now:
   * events stay for ever, and the key of the last one will not. So what has changed is told, too.
   */
  async tellAgain(tx: Tx, ids: readonly string[], traceparent = carriedOn(undefined)): Promise<void> {
    const merchants = await tx.find(MerchantEntity, {
      where: { id: In([...ids]) },
      relations: { category: true, feePlan: true, people: true },
    });
    for (const merchant of merchants) {
      merchant.version += 1;
      const { version } = merchant;
      await tx.update(MerchantEntity, { id: merchant.id }, { version, toldUnder: this.parts.sealer.keyId });
      await this.tell(tx, merchant, traceparent);
    }
  }

  /**
   * Changes a merchant's people under the lock of its row, and tells it in the same transaction where `work` did it.
   * Gives undefined where there is no such merchant.
   */
  async changePeople<Done extends { readonly ok: boolean }>(
    tx: Tx,
    merchantId: string,
    traceparent: string,
    work: (people: readonly MerchantPersonEntity[]) => Promise<Done>,
  ): Promise<Done | undefined> {
    const [locked] = await tx.query('/* merchants.lock */ SELECT id FROM merchant WHERE id = $1 FOR UPDATE', [merchantId]);
    if (!locked) return undefined;
    const done = await work(await tx.findBy(MerchantPersonEntity, { merchantId }));
    if (done.ok) await this.tellAgain(tx, [merchantId], traceparent);
    return done;
  }

  /** Gives those of the merchants that exist and that the viewer may see, by id in lower case. */
  async findVisible(
    ids: readonly string[],
    viewer: Viewer,
    manager: EntityManager = this.parts.dataSource.manager,
  ): Promise<Map<string, Merchant>> {
    const rows: Merchant[] = await manager.query(
      `/* merchants.find */ SELECT ${SHOWN} WHERE m.id = ANY($3::uuid[]) AND ${VISIBLE}`,
      [viewer.personId, viewer.isOperator, ids.filter((id) => isUuid(id))],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Gives up to `page.limit` merchants that the viewer may see, in the order of their ids (of their registration). */
  async list(
    filter: MerchantFilter,
    viewer: Viewer,
    page: { limit: number; after: string | undefined },
  ): Promise<Merchant[]> {
    if (filter.search && !canBeInName(filter.search)) return [];
    const search = filter.search ? containsPattern(filter.search) : null;
    const category = filter.categoryCode ?? null;
    // A text for each set of filters: a plan that is kept takes an index only for a condition that always holds.
    return this.parts.dataSource.query(
      `/* merchants.list */ SELECT ${SHOWN}
       WHERE ${VISIBLE}
         AND m.id > coalesce($3::uuid, '00000000-0000-0000-0000-000000000000')
         AND ${search === null ? '$4::text IS NULL' : 'm."searchName" LIKE $4'}
         AND ${category === null ? '$5::text IS NULL' : 'm."categoryCode" = $5'}
       ORDER BY m.id LIMIT $6`,
      [
        viewer.personId,
        viewer.isOperator,
        page.after ?? null,
        search,
        category,
        page.limit,
      ],
    );
  }

  private async insert(
    tx: Tx, plan: RegistrationPlan, approved: Partial<Pick<MerchantEntity, 'status' | 'activatedAt' | 'verifiedAt'>> = {},
  ): Promise<MerchantEntity> {
    const { people, ...columns } = plan;
    const feePlan = await tx.findOneByOrFail(FeePlanEntity, { isDefault: true });
    const id = uuidv7();
    await tx.insert(MerchantEntity, {
      ...columns,
      id,
      feePlanId: feePlan.id,
      version: 1,
      createdAt: this.parts.now(),
      activatedAt: null,
      verifiedAt: null,
      toldUnder: this.parts.sealer.keyId,
      ...approved,
    });
    await tx.insert(
      MerchantPersonEntity,
      people.map((personId) => ({ merchantId: id, personId, role: 'OWNER' })),
    );
    return tx.findOneOrFail(MerchantEntity, {
      where: { id },
      relations: { category: true, feePlan: true, people: true },
    });
  }

  private async tell(tx: Tx, merchant: MerchantEntity, traceparent: string): Promise<void> {
    const now = this.parts.now();
    const message = toMessage(
      'merchant.changed',
      {
        merchantId: merchant.id,
        version: merchant.version,
        name: this.parts.sealer.seal(merchant.name, merchant.id),
        categoryCode: merchant.categoryCode,
        currency: currencyCode(merchant.currency),
        status: merchant.status,
        people: merchant.people.map((person) => person.personId),
        roles: merchant.people.map(({ personId, role }) => ({ personId, role })),
        feePlan: { id: merchant.feePlan.id, basisPoints: merchant.feePlan.basisPoints },
        verified: merchant.verifiedAt !== null,
        occurredAt: now,
      },
      { source: 'merchants', time: now, traceparent },
    );
    await appendToOutbox(tx, [message]);
  }
}

function shown(merchant: MerchantEntity): Merchant {
  const { id, name, categoryCode, currency, status } = merchant;
  return { id, name, categoryCode, category: merchant.category.description, currency, status };
}
