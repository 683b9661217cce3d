import { sealedColumnIndex } from '@tael/platform/reseal';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Payments that their payers dispute. */
export class Disputes1795362450000 implements MigrationInterface {
  name = 'Disputes1795362450000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE dispute (
        id uuid CONSTRAINT dispute_pkey PRIMARY KEY,
        "transactionId" uuid NOT NULL CONSTRAINT dispute_payment REFERENCES ledger_tx,
        "personId" uuid NOT NULL,
        "merchantId" uuid NOT NULL,
        currency text NOT NULL,
        amount bigint NOT NULL,
        reason text NOT NULL,
        description text NOT NULL,
        status text NOT NULL,
        "respondBy" timestamptz NOT NULL,
        evidence text,
        "answeredAt" timestamptz,
        "answeredBy" uuid,
        decision text,
        "decidedBy" text,
        "deciderId" uuid,
        "decisionReason" text,
        refunded bigint NOT NULL,
        "refundId" uuid CONSTRAINT dispute_refund REFERENCES ledger_tx,
        "decidedAt" timestamptz,
        "createdAt" timestamptz NOT NULL,
        CONSTRAINT dispute_status_known CHECK (status IN ('OPEN', 'CONTESTED', 'ACCEPTED', 'DECIDED', 'WITHDRAWN')),
        CONSTRAINT dispute_amount_range CHECK (amount > 0 AND refunded >= 0 AND refunded <= amount),
        CONSTRAINT dispute_decided CHECK ((status IN ('ACCEPTED', 'DECIDED')) = (decision IS NOT NULL)),
        CONSTRAINT dispute_decision_known CHECK (decision IN ('PERSON', 'MERCHANT') AND "decidedBy" IN ('MERCHANT', 'OPERATOR', 'DEADLINE')),
        CONSTRAINT dispute_refund_for_person CHECK ((refunded > 0) = ("refundId" IS NOT NULL) AND (refunded = 0 OR decision = 'PERSON')),
        CONSTRAINT dispute_contested CHECK (status <> 'CONTESTED' OR evidence IS NOT NULL)
      );
      CREATE UNIQUE INDEX dispute_one_for_payment ON dispute ("transactionId") WHERE status <> 'WITHDRAWN';
      CREATE INDEX dispute_of_payment ON dispute ("transactionId", id);
      CREATE INDEX dispute_of_person ON dispute ("personId", id);
      CREATE INDEX dispute_of_merchant ON dispute ("merchantId", id);
      CREATE INDEX dispute_by_status ON dispute (status, id);
      CREATE INDEX dispute_due ON dispute ("respondBy", id) WHERE status = 'OPEN';
      CREATE UNIQUE INDEX dispute_refund_once ON dispute ("refundId");
      ${sealedColumnIndex({ table: 'dispute', column: 'description' })};
      ${sealedColumnIndex({ table: 'dispute', column: 'evidence' })};
      ${sealedColumnIndex({ table: 'dispute', column: 'decisionReason' })};`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE dispute');
  }
}
