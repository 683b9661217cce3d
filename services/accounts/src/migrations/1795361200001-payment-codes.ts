import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Codes that are good for one payment, as their merchants made them, and the payment of each. */
export class PaymentCodes1795361200001 implements MigrationInterface {
  name = 'PaymentCodes1795361200001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE payment_code (
        "codeId" uuid CONSTRAINT payment_code_pkey PRIMARY KEY,
        "merchantId" uuid NOT NULL,
        "storeId" uuid NOT NULL,
        currency text NOT NULL,
        amount bigint NOT NULL,
        "expiresAt" timestamptz NOT NULL,
        CONSTRAINT payment_code_amount CHECK (amount > 0)
      );
      CREATE TABLE payment_code_use (
        "codeId" uuid CONSTRAINT payment_code_use_pkey PRIMARY KEY CONSTRAINT payment_code_use_code REFERENCES payment_code,
        "transactionId" uuid NOT NULL CONSTRAINT payment_code_use_payment REFERENCES ledger_tx
      );
      CREATE UNIQUE INDEX payment_code_use_transaction ON payment_code_use ("transactionId");`);
  }

  async down(): Promise<void> {
    throw new Error('what was paid stays paid');
  }
}
