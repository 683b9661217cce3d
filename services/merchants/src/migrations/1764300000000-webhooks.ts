import { createInboxTable } from '@tael/platform/inbox';
import { sealedColumnIndex } from '@tael/platform/reseal';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Webhooks: endpoints, their keys, the messages for them in lanes, and the inbox of the events that the messages tell of. */
export class Webhooks1764300000000 implements MigrationInterface {
  name = 'Webhooks1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await createInboxTable(runner);
    await runner.query(`
      CREATE TABLE webhook_endpoint (
        id uuid CONSTRAINT webhook_endpoint_pkey PRIMARY KEY,
        "ownerKind" text NOT NULL,
        "ownerId" uuid NOT NULL,
        url text NOT NULL,
        host text NOT NULL,
        description text NOT NULL,
        "eventTypes" text[] NOT NULL,
        status text NOT NULL,
        "disabledReason" text,
        "failingSince" timestamptz,
        "createdAt" timestamptz NOT NULL,
        "deletedAt" timestamptz,
        CONSTRAINT webhook_endpoint_owner_known CHECK ("ownerKind" IN ('MERCHANT', 'PARTNER')),
        CONSTRAINT webhook_endpoint_status_known CHECK (status IN ('ENABLED', 'DISABLED')),
        CONSTRAINT webhook_endpoint_reason_known CHECK ("disabledReason" IN ('OWNER', 'GONE', 'FAILING')),
        CONSTRAINT webhook_endpoint_reason_given CHECK ((status = 'DISABLED') = ("disabledReason" IS NOT NULL))
      );
      CREATE INDEX webhook_endpoint_owner ON webhook_endpoint ("ownerKind", "ownerId", id) WHERE "deletedAt" IS NULL;
      CREATE TABLE webhook_key (
        id uuid CONSTRAINT webhook_key_pkey PRIMARY KEY,
        "endpointId" uuid NOT NULL,
        "publicKey" text NOT NULL,
        "privateKey" text NOT NULL,
        "createdAt" timestamptz NOT NULL,
        "expiresAt" timestamptz
      );
      CREATE INDEX webhook_key_endpoint ON webhook_key ("endpointId", "createdAt");
      ${sealedColumnIndex({ table: 'webhook_key', column: 'privateKey' })};
      CREATE TABLE webhook_lane (
        "endpointId" uuid NOT NULL,
        "orderKey" text NOT NULL,
        host text NOT NULL,
        "dueAt" timestamptz,
        "leaseUntil" timestamptz,
        "attemptId" uuid,
        CONSTRAINT webhook_lane_pkey PRIMARY KEY ("endpointId", "orderKey")
      );
      CREATE INDEX webhook_lane_due ON webhook_lane ("dueAt") WHERE "dueAt" IS NOT NULL;
      CREATE INDEX webhook_lane_leased ON webhook_lane ("leaseUntil") WHERE "leaseUntil" IS NOT NULL;`);
    await this.createDeliveries(runner);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE webhook_delivery, webhook_lane, webhook_key, webhook_endpoint, inbox; DROP SEQUENCE webhook_position',
    );
  }

  private async createDeliveries(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE SEQUENCE webhook_position;
      CREATE TABLE webhook_delivery (
        id uuid CONSTRAINT webhook_delivery_pkey PRIMARY KEY,
        "endpointId" uuid NOT NULL,
        "eventId" uuid NOT NULL,
        "eventType" text NOT NULL,
        "orderKey" text NOT NULL,
        position bigint NOT NULL,
        body text NOT NULL,
        status text NOT NULL,
        attempts integer NOT NULL,
        "responseStatus" integer,
        "responseExcerpt" text,
        reason text,
        "createdAt" timestamptz NOT NULL,
        "updatedAt" timestamptz NOT NULL,
        CONSTRAINT webhook_delivery_status_known CHECK (status IN ('PENDING', 'DELIVERED', 'DEAD', 'SKIPPED')),
        CONSTRAINT webhook_delivery_attempts_positive CHECK (attempts >= 0)
      );
      CREATE UNIQUE INDEX webhook_delivery_event ON webhook_delivery ("endpointId", "eventId");
      CREATE INDEX webhook_delivery_waiting ON webhook_delivery ("endpointId", "orderKey", position) WHERE status = 'PENDING';
      CREATE INDEX webhook_delivery_newest ON webhook_delivery ("endpointId", id);
      CREATE INDEX webhook_delivery_ended ON webhook_delivery ("updatedAt") WHERE status <> 'PENDING'`);
  }
}
