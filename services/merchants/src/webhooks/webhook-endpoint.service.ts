import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { Sealer } from '@tael/platform/seal';
import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuidv7, validate as isUuid } from 'uuid';
import { auditEndpoint, type EndpointRef, type EndpointState, endpointChange, stateOf } from './webhook.audit';
import {
  choiceRefusals, type ChoiceTimes, choiceTimes, type DeliveryStatus, type EndpointRefusal, ENDPOINTS_MAX, KEY_OVERLAP_MS, type OwnerKind, SIGNING_KEYS_MAX,
  TEST_EVENT_TYPE,
} from './webhook.domain';
import { WebhookEndpointEntity, WebhookKeyEntity } from './webhook.entity';
import { bodyOf } from './webhook.feed';
import { webhookTarget } from './webhook.sender';
import { newKeyPair } from './webhook.signature';
import {
  type Asker, askerValues, DELIVERY_COLUMNS, ENDPOINT_COLUMNS, endpointView, OWNED, OWNER_IS, SEEN, type WebhookDeliveryView, type WebhookEndpointView,
} from './webhook.view';
import type { WebhookQueue } from './webhook-queue.service';

export type WebhookRefusal =
  | EndpointRefusal
  | { readonly code: 'NOT_FOUND' | 'NOT_ALLOWED'; readonly reason?: 'WEBHOOK_DISABLED' | 'WEBHOOK_WAITS'; readonly field: readonly string[] };

export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusals: readonly WebhookRefusal[] };

export interface CreateEndpoint {
  readonly merchantId: string | null;
  readonly url: string;
  readonly eventTypes: readonly string[];
  readonly description: string;
}

export interface UpdateEndpoint {
  readonly endpointId: string;
  readonly url?: string | undefined;
  readonly eventTypes?: readonly string[] | undefined;
  readonly description?: string | undefined;
  readonly enabled?: boolean | undefined;
}

export interface PageOf {
  readonly limit: number;
  readonly after: string | undefined;
}

export interface WebhookEndpointParts {
  readonly dataSource: DataSource;
  readonly queue: WebhookQueue;
  readonly sealer: Sealer;
  readonly allowHttp: boolean;
  readonly now: () => Date;
}

const refused = (refusal: WebhookRefusal): { ok: false; refusals: WebhookRefusal[] } => ({ ok: false, refusals: [refusal] });
const missing = (field: string) => refused({ code: 'NOT_FOUND', field: ['input', field] });

/** Answers for the endpoints of merchants and partners and for what was sent to them; nobody sees those of others. */
export class WebhookEndpointService {
  constructor(private readonly parts: WebhookEndpointParts) {}

  /**
   * Makes an endpoint; an enabled one of the same owner, address and types is answered as it is, since who lost the answer asks again and would else
   * be told everything twice. Refusals: NOT_FOUND (the merchant), INVALID_INPUT, LIMIT_EXCEEDED.
   */
  async create(asker: Asker, input: CreateEndpoint): Promise<Outcome<WebhookEndpointView>> {
    return inTransaction(this.parts.dataSource, async (tx) => {
      const owner = await this.ownerOf(tx, asker, input.merchantId);
      if (!owner) return missing('merchantId');
      const target = webhookTarget(input.url, this.parts);
      const refusals = choiceRefusals(input, owner.kind, target !== null);
      if (!target || refusals.length > 0) return { ok: false, refusals };
      // Looked up, counted and added under one lock: ten at once of an owner with nine would else be nineteen, or ten times the same.
      await tx.query('/* webhooks.owner */ SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`tael/webhooks/${owner.id}`]);
      const eventTypes = unique(input.eventTypes);
      const [there]: { id: string }[] = await tx.query(
        `/* webhooks.there */ SELECT id FROM webhook_endpoint WHERE "ownerKind" = $1 AND "ownerId" = $2 AND "deletedAt" IS NULL
           AND status = 'ENABLED' AND url = $3 AND "eventTypes" = $4::text[] ORDER BY id LIMIT 1`,
        [owner.kind, owner.id, target.href, eventTypes],
      );
      const known = there && (await this.find(tx, asker, there.id));
      if (known) return { ok: true, value: known };
      const [{ count }] = await tx.query(
        `/* webhooks.count */ SELECT count(*)::int AS count FROM webhook_endpoint
         WHERE "ownerKind" = $1 AND "ownerId" = $2 AND "deletedAt" IS NULL`,
        [owner.kind, owner.id],
      );
      if (count >= ENDPOINTS_MAX) return refused({ code: 'LIMIT_EXCEEDED', reason: 'WEBHOOK_ENDPOINTS', field: ['input'] });
      const id = uuidv7();
      await tx.insert(WebhookEndpointEntity, {
        id, ownerKind: owner.kind, ownerId: owner.id, url: target.href, host: target.host, description: input.description,
        eventTypes, chosenAt: {}, status: 'ENABLED', disabledReason: null, failingSince: null,
        createdAt: this.parts.now(), deletedAt: null,
      });
      await this.addKey(tx, id);
      const made = (await this.find(tx, asker, id))!;
      await auditEndpoint(tx, made, { asker, action: 'WEBHOOK_CREATED', before: null, after: stateOf(made), at: this.parts.now() });
      return { ok: true, value: made };
    });
  }

  /** Changes what is given. Refusals: NOT_FOUND, INVALID_INPUT. */
  async update(asker: Asker, input: UpdateEndpoint): Promise<Outcome<WebhookEndpointView>> {
    return this.onEndpoint(asker, input.endpointId, async (tx, endpoint) => {
      const target = webhookTarget(input.url ?? endpoint.url, this.parts);
      const choice = { eventTypes: input.eventTypes ?? endpoint.eventTypes, description: input.description ?? endpoint.description };
      const refusals = choiceRefusals(choice, endpoint.ownerKind, target !== null);
      if (!target || refusals.length > 0) return { ok: false, refusals };
      const eventTypes = unique(choice.eventTypes);
      const [{ chosenAt }]: [{ chosenAt: ChoiceTimes }] = await tx.query('/* webhooks.chosenAt */ SELECT "chosenAt" FROM webhook_endpoint WHERE id = $1', [endpoint.id]);
      await tx.update(WebhookEndpointEntity, { id: endpoint.id }, {
        url: target.href, host: target.host, description: choice.description, eventTypes,
        chosenAt: choiceTimes({ eventTypes: endpoint.eventTypes, chosenAt }, eventTypes, this.parts.now()),
      });
      await tx.query('/* webhooks.host */ UPDATE webhook_lane SET host = $2 WHERE "endpointId" = $1 AND host <> $2', [
        endpoint.id, target.host,
      ]);
      if (input.enabled === true && endpoint.status === 'DISABLED')
        await tx.update(WebhookEndpointEntity, { id: endpoint.id }, { status: 'ENABLED', disabledReason: null, failingSince: null });
      if (input.enabled === false && endpoint.status === 'ENABLED') await this.parts.queue.disable(tx, endpoint.id, 'OWNER');
      const after = (await this.find(tx, asker, endpoint.id))!;
      const change = endpointChange(endpoint, after);
      if (change) await auditEndpoint(tx, endpoint, { asker, action: 'WEBHOOK_CHANGED', ...change, at: this.parts.now() });
      return { ok: true, value: after };
    });
  }

  /** Ends an endpoint with its keys; what waits for it is not sent. Once more is the same. Refusals: NOT_FOUND. */
  async delete(asker: Asker, endpointId: string): Promise<Outcome<string>> {
    if (!isUuid(endpointId)) return missing('endpointId');
    return inTransaction(this.parts.dataSource, async (tx) => {
      const [endpoint]: (EndpointRef & EndpointState & { deletedAt: Date | null })[] = await tx.query(
        `/* webhooks.ending */ SELECT e.id, e."ownerKind", e."ownerId", e.host, e."eventTypes", e.status, e."deletedAt" FROM webhook_endpoint e WHERE e.id = $4 AND ${OWNER_IS} FOR NO KEY UPDATE OF e`,
        [...askerValues(asker), endpointId],
      );
      if (!endpoint) return missing('endpointId');
      if (endpoint.deletedAt === null) {
        await this.parts.queue.disable(tx, endpoint.id, 'OWNER');
        await tx.update(WebhookEndpointEntity, { id: endpoint.id }, { deletedAt: this.parts.now() });
        await tx.delete(WebhookKeyEntity, { endpointId: endpoint.id });
        await auditEndpoint(tx, endpoint, { asker, action: 'WEBHOOK_DELETED', before: stateOf(endpoint), after: null, at: this.parts.now() });
      }
      return { ok: true, value: endpoint.id };
    });
  }

  /** Gives the endpoint a new key; those that signed until now sign along, each until its day is over. Refusals: NOT_FOUND, LIMIT_EXCEEDED. */
  async rotateKey(asker: Asker, endpointId: string): Promise<Outcome<WebhookEndpointView>> {
    return this.onEndpoint(asker, endpointId, async (tx, endpoint) => {
      if (endpoint.keys.length >= SIGNING_KEYS_MAX) return refused({ code: 'LIMIT_EXCEEDED', reason: 'WEBHOOK_KEYS', field: ['input', 'endpointId'] });
      const now = this.parts.now();
      await tx.query('/* webhooks.retire */ DELETE FROM webhook_key WHERE "endpointId" = $1 AND "expiresAt" <= $2', [endpoint.id, now]);
      await tx.query('/* webhooks.overlap */ UPDATE webhook_key SET "expiresAt" = $2 WHERE "endpointId" = $1 AND "expiresAt" IS NULL', [
        endpoint.id, new Date(now.getTime() + KEY_OVERLAP_MS),
      ]);
      await this.addKey(tx, endpoint.id);
      const after = (await this.find(tx, asker, endpoint.id))!;
      await auditEndpoint(tx, endpoint, { asker, action: 'WEBHOOK_KEY_ROTATED', before: null, after: { publicKey: after.keys[0]?.publicKey }, at: this.parts.now() });
      return { ok: true, value: after };
    });
  }

  /** Sends an endpoint a message that tells of nothing. Refusals: NOT_FOUND, NOT_ALLOWED. */
  async sendTest(asker: Asker, endpointId: string): Promise<Outcome<WebhookDeliveryView>> {
    return this.onEndpoint(asker, endpointId, async (tx, endpoint) => {
      if (endpoint.status === 'DISABLED') return disabled('endpointId');
      const message = { id: uuidv7(), type: TEST_EVENT_TYPE, orderKey: 'test', body: bodyOf(TEST_EVENT_TYPE, this.parts.now(), {}) };
      const id = await this.parts.queue.add(tx, endpoint, message);
      return { ok: true, value: (await this.findDelivery(tx, asker, id!))! };
    });
  }

  /**
   * Sends a message again under its own id, behind what waits already. Refusals: NOT_FOUND, NOT_ALLOWED where it waits anyway or
   * its endpoint is disabled.
   */
  async redeliver(asker: Asker, deliveryId: string): Promise<Outcome<WebhookDeliveryView>> {
    const found = isUuid(deliveryId) ? await this.findDelivery(this.parts.dataSource.manager, asker, deliveryId) : undefined;
    if (!found) return missing('deliveryId');
    const outcome = await this.onEndpoint(asker, found.endpointId, async (tx, endpoint): Promise<Outcome<WebhookDeliveryView>> => {
      if (endpoint.status === 'DISABLED') return disabled('deliveryId');
      const [row]: { orderKey: string }[] = await tx.query(
        `/* webhooks.ended */ SELECT "orderKey" FROM webhook_delivery WHERE id = $1 AND "endpointId" = $2 AND status <> 'PENDING'`,
        [deliveryId, endpoint.id],
      );
      if (!row) return refused({ code: 'NOT_ALLOWED', reason: 'WEBHOOK_WAITS', field: ['input', 'deliveryId'] });
      await this.parts.queue.wake(tx, endpoint, row.orderKey, this.parts.now());
      await tx.query(
        `/* webhooks.again */ UPDATE webhook_delivery SET status = 'PENDING', attempts = 0, reason = NULL,
           position = nextval('webhook_position'), "updatedAt" = $2 WHERE id = $1`,
        [deliveryId, this.parts.now()],
      );
      await auditEndpoint(tx, endpoint, { asker, action: 'WEBHOOK_REDELIVERED', before: null, after: { deliveryId }, at: this.parts.now() });
      return { ok: true, value: (await this.findDelivery(tx, asker, deliveryId))! };
    });
    return outcome.ok ? outcome : { ok: false, refusals: outcome.refusals.map((refusal) => ({ ...refusal, field: ['input', 'deliveryId'] })) };
  }

  /** Gives up to `page.limit` endpoints of each owner, in the order of their making; none for who may not see them. */
  async listOf(asker: Asker, kind: OwnerKind, ownerIds: readonly string[], page: PageOf): Promise<WebhookEndpointView[]> {
    const rows = await this.parts.dataSource.query(
      `/* webhooks.list */ SELECT f.* FROM unnest($6::uuid[]) AS o (id) CROSS JOIN LATERAL (
         SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoint e
         WHERE e."ownerKind" = $5 AND e."ownerId" = o.id AND ${SEEN}
           AND e.id > coalesce($7::uuid, '00000000-0000-0000-0000-000000000000') ORDER BY e.id LIMIT $8) f`,
      [...askerValues(asker), this.parts.now(), kind, ownerIds.filter((id) => isUuid(id)), page.after ?? null, page.limit],
    );
    return rows.map(endpointView);
  }

  /** Gives those of the merchants whose endpoints the asker may see. */
  async visibleOwners(asker: Asker, merchantIds: readonly string[]): Promise<Set<string>> {
    const [personId, isOperator] = askerValues(asker);
    const rows: { id: string }[] = await this.parts.dataSource.query(
      `/* webhooks.owners */ SELECT m.id FROM merchant m WHERE m.id = ANY($3::uuid[]) AND ($2::boolean OR EXISTS (
         SELECT FROM merchant_person p WHERE p."merchantId" = m.id AND p."personId" = $1::uuid AND p.role IN ('OWNER', 'MANAGER')))`,
      [personId, isOperator, merchantIds],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** Gives up to `page.limit` messages of each endpoint, the newest first. */
  async deliveriesOf(
    asker: Asker, endpointIds: readonly string[], status: DeliveryStatus | null, page: PageOf,
  ): Promise<WebhookDeliveryView[]> {
    return this.parts.dataSource.query(
      `/* webhooks.deliveries */ SELECT f.* FROM webhook_endpoint e CROSS JOIN LATERAL (
         SELECT ${DELIVERY_COLUMNS} FROM webhook_delivery d WHERE d."endpointId" = e.id AND ($5::text IS NULL OR d.status = $5)
           AND d.id < coalesce($6::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY d.id DESC LIMIT $7) f
       WHERE e.id = ANY($4::uuid[]) AND ${SEEN}`,
      [...askerValues(asker), endpointIds, status, page.after ?? null, page.limit],
    );
  }

  private async onEndpoint<Value>(
    asker: Asker, endpointId: string, work: (tx: Tx, endpoint: WebhookEndpointView) => Promise<Outcome<Value>>,
  ): Promise<Outcome<Value>> {
    if (!isUuid(endpointId)) return missing('endpointId');
    return inTransaction(this.parts.dataSource, async (tx) => {
      await tx.query(`/* webhooks.lock */ SELECT e.id FROM webhook_endpoint e WHERE e.id = $4 AND ${OWNED} FOR NO KEY UPDATE OF e`, [
        ...askerValues(asker), endpointId,
      ]);
      const endpoint = await this.find(tx, asker, endpointId);
      return endpoint ? work(tx, endpoint) : missing('endpointId');
    });
  }

  private async find(manager: EntityManager, asker: Asker, id: string): Promise<WebhookEndpointView | undefined> {
    const [row] = await manager.query(`/* webhooks.find */ SELECT ${ENDPOINT_COLUMNS} FROM webhook_endpoint e WHERE e.id = $5 AND ${OWNED}`, [
      ...askerValues(asker), this.parts.now(), id,
    ]);
    return row && endpointView(row);
  }

  private async findDelivery(manager: EntityManager, asker: Asker, id: string): Promise<WebhookDeliveryView | undefined> {
    const [row] = await manager.query(
      `/* webhooks.delivery */ SELECT ${DELIVERY_COLUMNS} FROM webhook_delivery d JOIN webhook_endpoint e ON e.id = d."endpointId"
       WHERE d.id = $4 AND ${OWNED}`,
      [...askerValues(asker), id],
    );
    return row;
  }

  private async ownerOf(tx: Tx, asker: Asker, merchantId: string | null): Promise<{ kind: OwnerKind; id: string } | null> {
    if (asker.kind === 'PARTNER') return merchantId === null ? { kind: 'PARTNER', id: asker.partnerId } : null;
    if (merchantId === null || !isUuid(merchantId)) return null;
    const [found]: { id: string }[] = await tx.query(
      `/* webhooks.merchant */ SELECT m.id FROM merchant m WHERE m.id = $3 AND ($2::boolean OR EXISTS (
         SELECT FROM merchant_person p WHERE p."merchantId" = m.id AND p."personId" = $1::uuid AND p.role IN ('OWNER', 'MANAGER')))`,
      [asker.personId, asker.isOperator, merchantId],
    );
    return found ? { kind: 'MERCHANT', id: found.id } : null;
  }

  private async addKey(tx: Tx, endpointId: string): Promise<void> {
    const { publicKey, privateKey } = newKeyPair();
    await tx.insert(WebhookKeyEntity, {
      id: uuidv7(), endpointId, publicKey, privateKey: this.parts.sealer.seal(privateKey, endpointId),
      createdAt: this.parts.now(), expiresAt: null,
    });
  }
}

const disabled = (field: string) => refused({ code: 'NOT_ALLOWED', reason: 'WEBHOOK_DISABLED', field: ['input', field] });
const unique = (types: readonly string[]): string[] => [...new Set(types)].sort();
