import { createInboxTable } from '@tael/platform/inbox';
import { createOutboxTables } from '@tael/platform/outbox';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const CAMPAIGNS = [
  `CREATE TABLE campaign (
     id uuid CONSTRAINT campaign_pkey PRIMARY KEY,
     name text NOT NULL,
     currency text NOT NULL,
     status text NOT NULL CONSTRAINT campaign_status CHECK (status IN ('DRAFT', 'ACTIVE', 'PAUSED', 'ENDED')),
     version integer NOT NULL,
     "startsAt" timestamptz,
     "endsAt" timestamptz,
     effect text NOT NULL,
     "rateBasisPoints" integer,
     "maximumPerPayment" bigint,
     "referrerReward" bigint,
     "friendReward" bigint,
     "minimumAmount" bigint,
     "merchantIds" uuid[],
     "merchantCategoryCodes" text[],
     "firstPaymentOnly" boolean NOT NULL,
     "maximumRewardsPerUser" integer,
     "createdBy" uuid NOT NULL,
     "createdAt" timestamptz NOT NULL,
     CONSTRAINT campaign_schedule CHECK ("endsAt" > "startsAt"),
     CONSTRAINT campaign_amounts CHECK ("minimumAmount" > 0 AND "maximumPerPayment" > 0 AND "maximumRewardsPerUser" > 0),
     CONSTRAINT campaign_effect CHECK (
       (effect = 'CASHBACK' AND coalesce("rateBasisPoints", 0) BETWEEN 1 AND 10000 AND "referrerReward" IS NULL AND "friendReward" IS NULL)
       OR (effect = 'FEE_WAIVER' AND "rateBasisPoints" IS NULL AND "referrerReward" IS NULL AND "friendReward" IS NULL)
       OR (effect = 'REFERRAL_REWARD' AND "rateBasisPoints" IS NULL AND "maximumPerPayment" IS NULL
           AND coalesce("referrerReward", 0) > 0 AND coalesce("friendReward", 0) > 0))
   )`,
  'CREATE INDEX campaign_currency ON campaign (currency, status)',
  `CREATE TABLE campaign_active_time (
     "campaignId" uuid CONSTRAINT campaign_active_time_campaign REFERENCES campaign,
     "activeFrom" timestamptz,
     "activeTo" timestamptz,
     CONSTRAINT campaign_active_time_pkey PRIMARY KEY ("campaignId", "activeFrom"),
     CONSTRAINT campaign_active_time_order CHECK ("activeTo" >= "activeFrom")
   )`,
  `CREATE TABLE campaign_budget (
     "campaignId" uuid CONSTRAINT campaign_budget_pkey PRIMARY KEY CONSTRAINT campaign_budget_campaign REFERENCES campaign,
     budget bigint NOT NULL CONSTRAINT campaign_budget_positive CHECK (budget > 0),
     spent bigint NOT NULL DEFAULT 0,
     "spentByAccounts" boolean NOT NULL,
     CONSTRAINT campaign_budget_limit CHECK (spent >= 0 AND ("spentByAccounts" OR spent <= budget))
   ) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500)`,
  `CREATE TABLE campaign_person (
     "campaignId" uuid CONSTRAINT campaign_person_campaign REFERENCES campaign,
     "personId" uuid,
     rewards integer NOT NULL CONSTRAINT campaign_person_rewards CHECK (rewards >= 0),
     CONSTRAINT campaign_person_pkey PRIMARY KEY ("campaignId", "personId")
   ) WITH (fillfactor = 80)`,
  'CREATE INDEX campaign_person_person ON campaign_person ("personId")',
];

const PAYMENTS = [
  `CREATE TABLE payment (
     id uuid CONSTRAINT payment_pkey PRIMARY KEY,
     "personId" uuid NOT NULL,
     "walletId" uuid NOT NULL,
     "merchantId" uuid NOT NULL,
     "merchantCategoryCode" text NOT NULL,
     currency text NOT NULL,
     amount bigint NOT NULL,
     fee bigint NOT NULL,
     "feeBeforeWaiver" bigint NOT NULL,
     "waiverCampaignId" uuid,
     waived bigint NOT NULL,
     ordinal integer NOT NULL,
     "occurredAt" timestamptz NOT NULL,
     CONSTRAINT payment_amounts CHECK (amount > 0 AND fee >= 0 AND "feeBeforeWaiver" >= 0 AND waived >= 0)
   )`,
  'CREATE INDEX payment_person ON payment ("personId", "occurredAt")',
  `CREATE TABLE refund_progress (
     "paymentId" uuid CONSTRAINT refund_progress_pkey PRIMARY KEY,
     "refundedTotal" bigint NOT NULL CONSTRAINT refund_progress_total CHECK ("refundedTotal" >= 0),
     "refundTransactionId" uuid
   )`,
  `CREATE TABLE reward_decision (
     "paymentId" uuid,
     "campaignId" uuid CONSTRAINT reward_decision_campaign REFERENCES campaign,
     outcome text NOT NULL CONSTRAINT reward_decision_outcome CHECK (outcome IN (
       'GRANTED', 'CONDITION_FAILED', 'LIMIT_REACHED', 'BUDGET_EXHAUSTED', 'OUTSIDE_SCHEDULE', 'NOT_COMBINABLE',
       'UNDER_REVIEW', 'REVERSED')),
     conditions jsonb NOT NULL,
     "decidedAt" timestamptz NOT NULL,
     CONSTRAINT reward_decision_pkey PRIMARY KEY ("paymentId", "campaignId")
   )`,
];

const BENEFITS = [
  `CREATE TABLE benefit (
     id uuid CONSTRAINT benefit_pkey PRIMARY KEY,
     kind text NOT NULL CONSTRAINT benefit_kind CHECK (kind IN ('CASHBACK', 'FEE_WAIVER', 'FEE_REBATE', 'REFERRAL_REWARD')),
     side text NOT NULL CONSTRAINT benefit_side CHECK (side IN ('PAYER', 'REFERRER', 'FRIEND')),
     "campaignId" uuid NOT NULL CONSTRAINT benefit_campaign REFERENCES campaign,
     "paymentId" uuid NOT NULL,
     "personId" uuid NOT NULL,
     "walletId" uuid,
     currency text NOT NULL,
     amount bigint NOT NULL,
     status text NOT NULL CONSTRAINT benefit_status CHECK (status IN ('PENDING', 'PAID', 'REFUSED')),
     reversed bigint NOT NULL DEFAULT 0,
     "takenBack" bigint NOT NULL DEFAULT 0,
     "countsForLimit" boolean NOT NULL,
     "createdAt" timestamptz NOT NULL,
     CONSTRAINT benefit_amounts CHECK (amount > 0 AND "takenBack" >= 0 AND "takenBack" <= reversed AND reversed <= amount)
   )`,
  'CREATE UNIQUE INDEX benefit_once ON benefit ("paymentId", "campaignId", kind, side)',
  'CREATE INDEX benefit_person ON benefit ("personId", status)',
  `CREATE TABLE benefit_reversal (
     id uuid CONSTRAINT benefit_reversal_pkey PRIMARY KEY,
     "benefitId" uuid NOT NULL CONSTRAINT benefit_reversal_benefit REFERENCES benefit,
     "refundTransactionId" uuid NOT NULL,
     amount bigint NOT NULL CONSTRAINT benefit_reversal_amount CHECK (amount > 0),
     "confirmedAt" timestamptz,
     "createdAt" timestamptz NOT NULL
   )`,
  'CREATE UNIQUE INDEX benefit_reversal_once ON benefit_reversal ("benefitId", "refundTransactionId")',
];

const PEOPLE = [
  `CREATE TABLE person (
     id uuid CONSTRAINT person_pkey PRIMARY KEY, contact text NOT NULL, "registeredAt" timestamptz NOT NULL
   )`,
  `CREATE TABLE referral (
     "friendId" uuid CONSTRAINT referral_pkey PRIMARY KEY,
     "referrerId" uuid NOT NULL,
     status text NOT NULL CONSTRAINT referral_status CHECK (status IN ('JOINED', 'QUALIFIED', 'REWARDED', 'REJECTED')),
     "campaignId" uuid CONSTRAINT referral_campaign REFERENCES campaign,
     "qualifyingPaymentId" uuid,
     "joinedAt" timestamptz NOT NULL,
     CONSTRAINT referral_not_self CHECK ("friendId" <> "referrerId" OR status = 'REJECTED')
   )`,
  'CREATE INDEX referral_referrer ON referral ("referrerId", "friendId")',
  'CREATE UNIQUE INDEX referral_payment ON referral ("qualifyingPaymentId")',
];

export class Rewards1763800000000 implements MigrationInterface {
  readonly name = 'Rewards1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await createOutboxTables(runner);
    await createInboxTable(runner);
    for (const statement of [...CAMPAIGNS, ...PAYMENTS, ...BENEFITS, ...PEOPLE]) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('the first migration has nothing before it: drop the database instead');
  }
}
