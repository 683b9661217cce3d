import { inTransaction, type Tx } from '@tael/platform/postgres';
import type { DataSource } from 'typeorm';
import { v7 as uuidv7 } from 'uuid';
import { type Attempt, type AttemptOutcome, type ChoiceTimes, type DisabledReason, type EndpointStatus, hadChosen } from './webhook.domain';
import { bodyOf, type Draft } from './webhook.feed';
import { PAUSED } from './webhook.pause';
import { auditDisabling, type EndpointRef } from './webhook.audit';

export interface QueueParts {
  readonly dataSource: DataSource;
  readonly now: () => Date;
  /** How long a claim holds before another worker sends the message again: twice as long as an attempt may take unless told. */
  readonly leaseMs?: number;
  /** The most that are under way to one endpoint, over all instances: 4 unless told. */
  readonly perEndpointMax?: number;
  /** The most that are under way to one host, whoever owns its endpoints: 16 unless told. */
  readonly perHostMax?: number;
}

/** An event with what is told of it. */
export interface Told {
  readonly event: { readonly id: string; readonly type: string };
  readonly draft: Draft;
}

/** An endpoint with what it chose. */
interface Chooser {
  readonly id: string;
  readonly host: string;
  readonly ownerKind: Draft['ownerKind'];
  readonly ownerId: string;
  readonly eventTypes: readonly string[];
  readonly chosenAt: ChoiceTimes;
  readonly createdAt: Date;
}

/** A message that this worker alone may send until its lease is over. */
export interface Claim {
  readonly attemptId: string;
  readonly deliveryId: string | null;
  readonly endpointId: string;
  readonly orderKey: string;
  readonly body: string;
  readonly attempts: number;
  readonly url: string;
  readonly status: EndpointStatus;
  readonly failingSince: Date | null;
  readonly createdAt: Date;
}

const LEASE_MS = 30_000;
/** Lanes that are looked at in one claim; those of a host or an endpoint that has its fill are not among them. */
const LOOKED_AT = 400;

/**
 * Whether an endpoint is told. Of what happened before it was made, or before it chose a type, it is not: nobody has noted of those events that they came, so that a consumer that begins at the oldest one again (after a restore) would tell of all of them.
 */
const chose = (chooser: Chooser, { event, draft }: Told): boolean =>
  chooser.ownerKind === draft.ownerKind && chooser.ownerId === draft.ownerId && hadChosen(chooser, { type: event.type, occurredAt: draft.occurredAt });

/** The messages that wait, in lanes: written with the event's inbox row, claimed under a lease, and kept only by who holds it. */
export class WebhookQueue {
  constructor(private readonly parts: QueueParts) {}

  /** Gives those of which some endpoint wants to be told, by what is chosen now: most events are of owners that have none. */
  async chosen<T extends Told>(told: readonly T[]): Promise<T[]> {
    if (told.length === 0) return [];
    const endpoints = await this.choosers(this.parts.dataSource.manager, told);
    return told.filter((one) => endpoints.some((endpoint) => chose(endpoint, one)));
  }

  /** Writes a message for every endpoint that chose an event; where it was written before, nothing. */
  async enqueue(tx: Tx, told: readonly Told[]): Promise<void> {
    const endpoints = await this.choosers(tx, told);
    for (const one of told) {
      const chosen = endpoints.filter((endpoint) => chose(endpoint, one));
      if (chosen.length === 0) continue;
      const { event, draft } = one;
      const body = bodyOf(event.type, draft.occurredAt, draft.data);
      for (const endpoint of chosen) await this.add(tx, endpoint, { ...event, orderKey: draft.orderKey, body });
    }
  }

  /** Gives the endpoints of owners that are told of something. */
  private choosers(manager: Tx, told: readonly Told[]): Promise<Chooser[]> {
    return manager.query(
      `/* webhooks.choosing */ SELECT e.id, e.host, e."ownerKind", e."ownerId", e."eventTypes", e."chosenAt", e."createdAt" FROM webhook_endpoint e
       JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::uuid[]) AS o (kind, id)) o ON o.kind = e."ownerKind" AND o.id = e."ownerId"
       WHERE e.status = 'ENABLED' AND e."deletedAt" IS NULL AND e."ownerId" = ANY ($2::uuid[]) ORDER BY e.id`,
      [told.map(({ draft }) => draft.ownerKind), told.map(({ draft }) => draft.ownerId)],
    );
  }

  /** Writes one message for one endpoint. The lane first: its lock is what makes places follow the order of commits. */
  async add(
    tx: Tx,
    endpoint: { id: string; host: string },
    message: { id: string; type: string; orderKey: string; body: string },
  ): Promise<string | undefined> {
    const at = this.parts.now();
    await this.wake(tx, endpoint, message.orderKey, at);
    const [row]: { id: string }[] = await tx.query(
      `/* webhooks.add */ INSERT INTO webhook_delivery
         (id, "endpointId", "eventId", "eventType", "orderKey", position, body, status, attempts, "createdAt", "updatedAt")
       VALUES ($1, $2, $3, $4, $5, nextval('webhook_position'), $6, 'PENDING', 0, $7, $7)
       ON CONFLICT ("endpointId", "eventId") DO NOTHING RETURNING id`,
      [uuidv7(), endpoint.id, message.id, message.type, message.orderKey, message.body, at],
    );
    return row?.id;
  }

  /** Makes a lane due, unless it waits for the next attempt of its first message. */
  async wake(tx: Tx, endpoint: { id: string; host: string }, orderKey: string, at: Date): Promise<void> {
    await tx.query(
      `/* webhooks.wake */ INSERT INTO webhook_lane AS l ("endpointId", "orderKey", host, "dueAt") VALUES ($1, $2, $3, $4)
       ON CONFLICT ("endpointId", "orderKey") DO UPDATE SET "dueAt" = coalesce(l."dueAt", excluded."dueAt")`,
      [endpoint.id, orderKey, endpoint.host, at],
    );
  }

  /** Claims the first message of up to `limit` lanes that are due, within what endpoints and hosts may have under way. */
  async claim(limit: number): Promise<Claim[]> {
    const { dataSource, now, leaseMs = LEASE_MS, perEndpointMax = 4, perHostMax = 16 } = this.parts;
    const at = now();
    return inTransaction(dataSource, async (tx) => {
      // One claim at a time: what is under way is counted and added to in one step. It takes a few milliseconds.
      await tx.query(`/* webhooks.claiming */ SELECT pg_advisory_xact_lock(hashtextextended('tael/webhooks/claim', 0))`);
      const lanes: { endpointId: string; orderKey: string }[] = await tx.query(CLAIM_LANES, [
        at, LOOKED_AT, perHostMax, perEndpointMax, limit,
      ]);
      if (lanes.length === 0) return [];
      return tx.query(CLAIM_HEADS, [
        lanes.map(({ endpointId }) => endpointId), lanes.map(({ orderKey }) => orderKey),
        uuidv7(), new Date(at.getTime() + leaseMs), at,
      ]);
    });
  }

  /** Keeps what came of an attempt, where the claim still holds; says whether it did. */
  async keep(claim: Claim, attempt: Attempt | null, outcome: AttemptOutcome): Promise<boolean> {
    const at = this.parts.now();
    return inTransaction(this.parts.dataSource, async (tx) => {
      await tx.query('/* webhooks.endpoint */ SELECT FROM webhook_endpoint WHERE id = $1 FOR NO KEY UPDATE', [claim.endpointId]);
      const held = await tx.query(
        `/* webhooks.fence */ SELECT 1 FROM webhook_lane
         WHERE "endpointId" = $1 AND "orderKey" = $2 AND "attemptId" = $3 FOR NO KEY UPDATE`,
        [claim.endpointId, claim.orderKey, claim.attemptId],
      );
      if (held.length === 0) return false;
      if (claim.deliveryId) await this.keepDelivery(tx, claim, attempt, outcome);
      if (outcome.disables) await this.giveUp(tx, claim.endpointId, outcome.disables);
      else if (attempt)
        await tx.query(
          `/* webhooks.failing */ UPDATE webhook_endpoint SET "failingSince" = CASE WHEN $2::boolean THEN NULL ELSE coalesce("failingSince", $3::timestamptz) END
           WHERE id = $1 AND ("failingSince" IS NULL) <> $2::boolean`,
          [claim.endpointId, outcome.status === 'DELIVERED', at],
        );
      // A statement of its own, after the lane's lock: it sees what was added while the attempt was under way.
      await tx.query(
        `/* webhooks.release */ UPDATE webhook_lane SET "leaseUntil" = NULL, "attemptId" = NULL, "dueAt" = coalesce($3::timestamptz,
           (SELECT $4::timestamptz FROM webhook_delivery d
            WHERE d."endpointId" = $1 AND d."orderKey" = $2 AND d.status = 'PENDING' LIMIT 1))
         WHERE "endpointId" = $1 AND "orderKey" = $2`,
        [claim.endpointId, claim.orderKey, outcome.dueAt, at],
      );
      return true;
    });
  }

  /** Disables an endpoint: what waits for it is skipped, and can be asked for again once it is enabled. */
  async disable(tx: Tx, endpointId: string, reason: DisabledReason): Promise<void> {
    await tx.query(
      `/* webhooks.disable */ UPDATE webhook_endpoint SET status = 'DISABLED', "disabledReason" = $2, "failingSince" = NULL WHERE id = $1`,
      [endpointId, reason],
    );
    await tx.query(
      '/* webhooks.rest */ UPDATE webhook_lane SET "dueAt" = NULL WHERE "endpointId" = $1 AND "leaseUntil" IS NULL', [endpointId],
    );
    await tx.query(
      `/* webhooks.skip */ UPDATE webhook_delivery SET status = 'SKIPPED', reason = 'ENDPOINT_DISABLED', "updatedAt" = $2
       WHERE "endpointId" = $1 AND status = 'PENDING'`,
      [endpointId, this.parts.now()],
    );
  }

  /** Forgets messages that ended before an instant; gives how many. */
  async forget(before: Date, limit: number): Promise<number> {
    const rows: unknown[] = await this.parts.dataSource.query(
      `/* webhooks.forget */ WITH gone AS (
         DELETE FROM webhook_delivery WHERE id IN (
           SELECT id FROM webhook_delivery WHERE status <> 'PENDING' AND "updatedAt" < $1 LIMIT $2) RETURNING 1)
       SELECT 1 FROM gone`,
      [before, limit],
    );
    return rows.length;
  }

  /** Skips what was written before an instant for banks that nobody lets in; gives how many. They are let in again without it. */
  async expire(before: Date, limit: number): Promise<number> {
    const rows: unknown[] = await this.parts.dataSource.query(
      `/* webhooks.expire */ WITH gone AS (
         UPDATE webhook_delivery SET status = 'SKIPPED', reason = 'PAUSED_TOO_LONG', "updatedAt" = $2 WHERE status = 'PENDING' AND id IN (
           SELECT d.id FROM webhook_endpoint e JOIN webhook_delivery d ON d."endpointId" = e.id AND d.status = 'PENDING'
           WHERE ${PAUSED} AND d."createdAt" < $1 LIMIT $3) RETURNING 1)
       SELECT 1 FROM gone`,
      [before, this.parts.now(), limit],
    );
    return rows.length;
  }

  /** How many messages wait, and since when the oldest does. */
  async waiting(): Promise<{ count: number; oldest: Date | null }> {
    const [row] = await this.parts.dataSource.query(
      `/* webhooks.waiting */ SELECT count(*)::int AS count, min("createdAt") AS oldest FROM webhook_delivery WHERE status = 'PENDING'`,
    );
    return row;
  }

  /** Disables an endpoint that nobody asked to be disabled; its row is locked. */
  private async giveUp(tx: Tx, endpointId: string, reason: DisabledReason): Promise<void> {
    const [endpoint]: (EndpointRef & { status: EndpointStatus })[] = await tx.query(
      '/* webhooks.giving-up */ SELECT id, "ownerKind", "ownerId", status FROM webhook_endpoint WHERE id = $1', [endpointId],
    );
    if (endpoint?.status === 'ENABLED') await auditDisabling(tx, endpoint, { reason, at: this.parts.now() });
    await this.disable(tx, endpointId, reason);
  }

  /** Of several that are under way at once one may have the endpoint disabled: what another has delivered by then is delivered. */
  private async keepDelivery(tx: Tx, claim: Claim, attempt: Attempt | null, outcome: AttemptOutcome): Promise<void> {
    const answer = attempt?.kind === 'ANSWERED' ? attempt : null;
    await tx.query(
      `/* webhooks.keep */ UPDATE webhook_delivery SET status = $2, reason = $3, "responseStatus" = $4, "responseExcerpt" = $5,
         "updatedAt" = $6
       WHERE id = $1 AND (status = 'PENDING' OR ($2 = 'DELIVERED' AND status = 'SKIPPED' AND reason = 'ENDPOINT_DISABLED'))`,
      [claim.deliveryId, outcome.status, outcome.reason, answer?.status ?? null, answer?.excerpt ?? null, this.parts.now()],
    );
  }
}

const CLAIM_LANES = `/* webhooks.due */ WITH busy AS (
    SELECT "endpointId", host FROM webhook_lane WHERE "leaseUntil" > $1),
  busy_host AS (SELECT host, count(*) AS n FROM busy GROUP BY host),
  busy_endpoint AS (SELECT "endpointId", count(*) AS n FROM busy GROUP BY "endpointId"),
  due AS (
    SELECT l."endpointId", l."orderKey", l.host, l."dueAt" FROM webhook_lane l
    WHERE l."dueAt" <= $1 AND (l."leaseUntil" IS NULL OR l."leaseUntil" <= $1)
      AND NOT EXISTS (SELECT FROM busy_host b WHERE b.host = l.host AND b.n >= $3)
      AND NOT EXISTS (SELECT FROM busy_endpoint b WHERE b."endpointId" = l."endpointId" AND b.n >= $4)
      AND NOT EXISTS (SELECT FROM webhook_endpoint e WHERE e.id = l."endpointId" AND (${PAUSED}
        OR e."failingSince" IS NOT NULL AND EXISTS (SELECT FROM busy b WHERE b."endpointId" = e.id)))
    ORDER BY l."dueAt" LIMIT $2 FOR NO KEY UPDATE OF l SKIP LOCKED),
  of_endpoint AS (
    SELECT d.*, row_number() OVER (PARTITION BY d."endpointId" ORDER BY d."dueAt", d."orderKey") + coalesce(b.n, 0) AS n,
      -- One that fails is tried a message at a time: 64 lanes of time-outs would take the places of others for minutes.
      CASE WHEN e."failingSince" IS NULL THEN $4 ELSE 1 END AS most
    FROM due d JOIN webhook_endpoint e ON e.id = d."endpointId" LEFT JOIN busy_endpoint b ON b."endpointId" = d."endpointId"),
  -- Of those that their endpoints may have: the lanes of one endpoint take no place of the host's that they cannot use.
  of_host AS (
    SELECT o."endpointId", o."orderKey", o."dueAt",
      row_number() OVER (PARTITION BY o.host ORDER BY o."dueAt", o."endpointId", o."orderKey") + coalesce(h.n, 0) AS n
    FROM of_endpoint o LEFT JOIN busy_host h ON h.host = o.host WHERE o.n <= o.most)
  SELECT "endpointId", "orderKey" FROM of_host WHERE n <= $3 ORDER BY "dueAt" LIMIT $5`;

const CLAIM_HEADS = `/* webhooks.claim */ WITH lane AS (
    UPDATE webhook_lane l SET "leaseUntil" = $4, "attemptId" = $3 FROM unnest($1::uuid[], $2::text[]) AS c (endpoint, key)
    WHERE l."endpointId" = c.endpoint AND l."orderKey" = c.key AND l."endpointId" = ANY ($1::uuid[]) RETURNING l."endpointId", l."orderKey"),
  head AS (
    SELECT l.*, d.id FROM lane l LEFT JOIN LATERAL (
      SELECT id FROM webhook_delivery w WHERE w."endpointId" = l."endpointId" AND w."orderKey" = l."orderKey" AND w.status = 'PENDING'
      ORDER BY w.position LIMIT 1) d ON true),
  counted AS (
    UPDATE webhook_delivery w SET attempts = w.attempts + 1, "updatedAt" = $5 FROM head
    WHERE w.id = head.id RETURNING w.id, w.body, w.attempts, w."createdAt")
  SELECT $3::uuid AS "attemptId", c.id AS "deliveryId", h."endpointId", h."orderKey", coalesce(c.body, '') AS body,
    coalesce(c.attempts, 0) AS attempts, e.url, e.status, e."failingSince", coalesce(c."createdAt", $5) AS "createdAt"
  FROM head h JOIN webhook_endpoint e ON e.id = h."endpointId" LEFT JOIN counted c ON c.id = h.id`;
