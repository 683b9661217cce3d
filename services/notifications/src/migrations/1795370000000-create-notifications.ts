import { createInboxTable } from '@tael/platform/inbox';
import { createOutboxTables } from '@tael/platform/outbox';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const CLASSES = `('SECURITY', 'TRANSACTIONAL', 'SERVICE', 'MARKETING')`;

const TABLES = [
  `CREATE TABLE person (
    id uuid CONSTRAINT person_pkey PRIMARY KEY, locale text NOT NULL, "timeZone" text NOT NULL, contact text NOT NULL,
    "registeredAt" timestamptz NOT NULL
  )`,
  `CREATE TABLE merchant (
    id uuid CONSTRAINT merchant_pkey PRIMARY KEY, version integer NOT NULL, name text NOT NULL, "categoryCode" text
    NOT NULL
  )`,
  `CREATE TABLE preferences (
    "personId" uuid CONSTRAINT preferences_pkey PRIMARY KEY, "marketingOptIn" boolean NOT NULL,
    "quietFrom" text, "quietTo" text, "maximumMarketingPerDay" integer NOT NULL, "mutedChannels" text[] NOT NULL,
    "updatedAt" timestamptz NOT NULL,
    CONSTRAINT preferences_maximum CHECK ("maximumMarketingPerDay" BETWEEN 0 AND 100),
    CONSTRAINT preferences_quiet CHECK (("quietFrom" IS NULL) = ("quietTo" IS NULL))
  )`,
  `CREATE TABLE intent (
    id uuid CONSTRAINT intent_pkey PRIMARY KEY, "dedupeKey" text NOT NULL, "personId" uuid NOT NULL, class text NOT
    NULL,
    template text NOT NULL, facts jsonb NOT NULL, "transactionId" uuid, "merchantId" uuid, "counterpartyId" uuid,
    "campaignId" uuid, status text NOT NULL, reason text, "dueAt" timestamptz NOT NULL, "validUntil" timestamptz,
    "nameBy" timestamptz NOT NULL, attempts integer NOT NULL, trace jsonb NOT NULL, "createdAt" timestamptz NOT NULL,
    CONSTRAINT intent_class CHECK (class IN ${CLASSES}),
    CONSTRAINT intent_status CHECK (status IN ('OPEN', 'SENT', 'DROPPED'))
  )`,
  'CREATE UNIQUE INDEX intent_dedupe ON intent ("dedupeKey")',
  `CREATE INDEX intent_due ON intent ("dueAt") WHERE status = 'OPEN'`,
  'CREATE INDEX intent_person ON intent ("personId", status)',
  `CREATE INDEX intent_nameless ON intent ("merchantId") WHERE status = 'OPEN' AND reason = 'NAME_UNKNOWN'`,
  `CREATE TABLE notification (
    id uuid CONSTRAINT notification_pkey PRIMARY KEY, "intentId" uuid NOT NULL, "personId" uuid NOT NULL,
    class text NOT NULL, topic text NOT NULL, content text NOT NULL, locale text NOT NULL, template text NOT NULL,
    "templateVersion" integer NOT NULL, "transactionId" uuid, "inInbox" boolean NOT NULL,
    "createdAt" timestamptz NOT NULL, "readAt" timestamptz,
    CONSTRAINT notification_class CHECK (class IN ${CLASSES})
  )`,
  'CREATE UNIQUE INDEX notification_intent ON notification ("intentId")',
  'CREATE INDEX notification_inbox ON notification ("personId", "createdAt", id)',
  `CREATE INDEX notification_unread ON notification ("personId") WHERE "inInbox" AND "readAt" IS NULL`,
  `CREATE INDEX notification_marketing ON notification ("personId", "createdAt") WHERE class = 'MARKETING'`,
  `CREATE TABLE delivery (
    id uuid CONSTRAINT delivery_pkey PRIMARY KEY, "notificationId" uuid NOT NULL, "personId" uuid NOT NULL,
    class text NOT NULL, urgency smallint NOT NULL, channel text NOT NULL, status text NOT NULL, reason text,
    "dueAt" timestamptz NOT NULL, "validUntil" timestamptz, "campaignId" uuid, attempts integer NOT NULL,
    "attemptId" uuid, "leaseUntil" timestamptz, "providerId" text, "updatedAt" timestamptz NOT NULL,
    CONSTRAINT delivery_known_channel CHECK (channel IN ('IN_APP', 'PUSH', 'EMAIL', 'SMS')),
    CONSTRAINT delivery_status CHECK (status IN ('PLANNED', 'CLAIMED', 'HANDED_OFF', 'SKIPPED', 'FAILED', 'UNKNOWN'))
  )`,
  'CREATE UNIQUE INDEX delivery_channel ON delivery ("notificationId", channel)',
  `CREATE INDEX delivery_due ON delivery (urgency, "dueAt") WHERE status = 'PLANNED'`,
  `CREATE INDEX delivery_claimed ON delivery ("leaseUntil") WHERE status = 'CLAIMED'`,
  'CREATE INDEX delivery_person ON delivery ("personId", status)',
  `CREATE TABLE push_subscription (
    id uuid CONSTRAINT push_subscription_pkey PRIMARY KEY, "personId" uuid NOT NULL, "endpointIndex" text NOT NULL,
    target text NOT NULL, "createdAt" timestamptz NOT NULL
  )`,
  'CREATE UNIQUE INDEX push_subscription_endpoint ON push_subscription ("endpointIndex")',
  'CREATE INDEX push_subscription_person ON push_subscription ("personId", "createdAt")',
  `CREATE TABLE purchase (
    "transactionId" uuid CONSTRAINT purchase_pkey PRIMARY KEY, "personId" uuid NOT NULL, "merchantId" uuid NOT NULL,
    "merchantCategoryCode" text NOT NULL, currency text NOT NULL, amount bigint NOT NULL, "occurredAt" timestamptz NOT
    NULL
  )`,
  'CREATE INDEX purchase_habit ON purchase ("personId", "merchantCategoryCode", "occurredAt")',
  'CREATE INDEX purchase_merchant ON purchase ("merchantId", "occurredAt")',
  'CREATE INDEX purchase_category ON purchase ("merchantCategoryCode", "occurredAt")',
  'CREATE INDEX purchase_age ON purchase ("occurredAt")',
  `CREATE TABLE affinity (
    "personId" uuid NOT NULL, "merchantCategoryCode" text NOT NULL, score double precision NOT NULL, at timestamptz
    NOT NULL,
    CONSTRAINT affinity_pkey PRIMARY KEY ("personId", "merchantCategoryCode")
  )`,
  `CREATE TABLE campaign (
    id uuid CONSTRAINT campaign_pkey PRIMARY KEY, version integer NOT NULL, status text NOT NULL, effect text NOT NULL,
    currency text NOT NULL, "rateBasisPoints" integer, "merchantIds" uuid[], "merchantCategoryCodes" text[],
    "startsAt" timestamptz, "endsAt" timestamptz,
    CONSTRAINT campaign_status CHECK (status IN ('ACTIVE', 'PAUSED', 'ENDED'))
  )`,
  `CREATE TABLE offer_scan (
    "campaignId" uuid CONSTRAINT offer_scan_pkey PRIMARY KEY, "afterPersonId" uuid NOT NULL, "dueAt" timestamptz NOT
    NULL,
    done boolean NOT NULL
  )`,
  'CREATE INDEX offer_scan_due ON offer_scan ("dueAt") WHERE NOT done',
  // Read by live subscriptions in the order of commits; no entity, since the ORM does not know xid8.
  `CREATE TABLE live_feed (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT live_feed_pkey PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(), "notificationId" uuid NOT NULL, "personId" uuid NOT NULL,
    "createdAt" timestamptz NOT NULL
  )`,
  'CREATE INDEX live_feed_order ON live_feed (xid, id)',
];

/** People, merchants, preferences, messages with their deliveries, habits, offers; inbox of events and outbox. */
export class CreateNotifications1795370000000 implements MigrationInterface {
  name = 'CreateNotifications1795370000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of TABLES) await runner.query(statement);
    await createInboxTable(runner);
    await createOutboxTables(runner);
  }

  async down(): Promise<void> {
    throw new Error('migrations go forward only');
  }
}
