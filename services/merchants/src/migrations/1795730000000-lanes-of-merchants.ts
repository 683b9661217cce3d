import { setTimeout as sleep } from 'node:timers/promises';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** So often it is looked whether a lane that is in somebody's hands has been let go; a lease lasts a minute. */
const LOOKS = 120;
const LOOK_MS = 1_000;

/** Endpoints of merchants that have messages waiting in the one lane of before. */
const LEFT = `SELECT e.id FROM webhook_endpoint e WHERE e."ownerKind" = 'MERCHANT'
  AND EXISTS (SELECT FROM webhook_delivery d WHERE d."endpointId" = e.id AND d."orderKey" = e."ownerId"::text AND d.status = 'PENDING')`;

/**
 * Moves what waits for one endpoint; nothing while a message of it is under way, which would be sent twice. The lanes are due when theirs was: an
 * endpoint that fails is not tried sooner for it.
 */
const MOVE = `
  WITH lane AS MATERIALIZED (
    SELECT e.id, e."ownerId", e.host, l."dueAt", l."leaseUntil" FROM webhook_endpoint e
    LEFT JOIN webhook_lane l ON l."endpointId" = e.id AND l."orderKey" = e."ownerId"::text WHERE e.id = $1
  ), moved AS (
    UPDATE webhook_delivery d SET "orderKey" = d."orderKey" || CASE WHEN d."eventType" IN ('payment.settled', 'payment.refunded')
      THEN '/payments/' || (('x' || right(d.body::jsonb #>> '{data,paymentId}', 2))::bit(8)::int % 64) ELSE '/settlements' END
    FROM lane e WHERE d."endpointId" = e.id AND d."orderKey" = e."ownerId"::text AND d.status = 'PENDING'
      AND (e."leaseUntil" IS NULL OR e."leaseUntil" < clock_timestamp())
    RETURNING d."orderKey"
  )
  INSERT INTO webhook_lane ("endpointId", "orderKey", host, "dueAt")
  SELECT DISTINCT e.id, m."orderKey", e.host, coalesce(e."dueAt", now()) FROM moved m CROSS JOIN lane e
  ON CONFLICT ("endpointId", "orderKey") DO UPDATE SET "dueAt" = coalesce(webhook_lane."dueAt", excluded."dueAt")`;

/**
 * Webhooks of merchants that wait move from the one lane of their merchant into those of `webhook.feed.ts`, so that a refund does not
 * overtake its payment there. What ended keeps its lane, and goes through it where it is asked for again. An endpoint is a transaction of its own: a
 * large backlog of many is none that every relay would wait for. What an instance of before still adds to the old lane drains through it.
 */
export class LanesOfMerchants1795730000000 implements MigrationInterface {
  name = 'LanesOfMerchants1795730000000';
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    for (let look = 0; look < LOOKS; look += 1) {
      if (look > 0) await sleep(LOOK_MS);
      for (const { id } of (await runner.query(LEFT)) as { id: string }[]) await runner.query(MOVE, [id]);
      const left: unknown[] = await runner.query(LEFT);
      if (left.length === 0) return;
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE webhook_delivery d SET "orderKey" = e."ownerId"::text
      FROM webhook_endpoint e WHERE e.id = d."endpointId" AND e."ownerKind" = 'MERCHANT' AND d."orderKey" LIKE e."ownerId" || '/%'`);
    await runner.query(`
      INSERT INTO webhook_lane ("endpointId", "orderKey", host, "dueAt")
      SELECT DISTINCT d."endpointId", d."orderKey", e.host, now() FROM webhook_delivery d
      JOIN webhook_endpoint e ON e.id = d."endpointId" AND d."orderKey" = e."ownerId"::text WHERE d.status = 'PENDING'
      ON CONFLICT ("endpointId", "orderKey") DO UPDATE SET "dueAt" = coalesce(webhook_lane."dueAt", excluded."dueAt")`);
  }
}
