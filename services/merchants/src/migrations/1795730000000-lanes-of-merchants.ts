import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Webhooks of merchants that wait move from the one lane of their merchant into those of `webhook.feed.ts`, so that a refund does not
 * overtake its payment there. What ended keeps its lane, and goes through it where it is asked for again.
 */
export class LanesOfMerchants1795730000000 implements MigrationInterface {
  name = 'LanesOfMerchants1795730000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE webhook_delivery d SET "orderKey" = d."orderKey" || CASE WHEN d."eventType" IN ('payment.settled', 'payment.refunded')
        THEN '/payments/' || (('x' || right(d.body::jsonb #>> '{data,paymentId}', 2))::bit(8)::int % 64) ELSE '/settlements' END
      FROM webhook_endpoint e WHERE e.id = d."endpointId" AND e."ownerKind" = 'MERCHANT' AND d."orderKey" = e."ownerId"::text AND d.status = 'PENDING'`);
    // They are due when their lane was: an endpoint that fails is not tried sooner for it.
    await runner.query(`
      INSERT INTO webhook_lane ("endpointId", "orderKey", host, "dueAt")
      SELECT DISTINCT d."endpointId", d."orderKey", e.host, coalesce(l."dueAt", now()) FROM webhook_delivery d
      JOIN webhook_endpoint e ON e.id = d."endpointId" AND e."ownerKind" = 'MERCHANT'
      LEFT JOIN webhook_lane l ON l."endpointId" = e.id AND l."orderKey" = e."ownerId"::text
      WHERE d.status = 'PENDING' AND d."orderKey" LIKE e."ownerId" || '/%'
      ON CONFLICT ("endpointId", "orderKey") DO UPDATE SET "dueAt" = coalesce(webhook_lane."dueAt", excluded."dueAt")`);
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
