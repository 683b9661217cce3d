import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Codes that are good for one payment. */
export class PaymentCodes1764200000003 implements MigrationInterface {
  name = 'PaymentCodes1764200000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE payment_code (
        id uuid CONSTRAINT payment_code_pkey PRIMARY KEY,
        "storeId" uuid NOT NULL CONSTRAINT payment_code_store REFERENCES store,
        amount bigint NOT NULL,
        currency text NOT NULL,
        reference text,
        "createdBy" uuid NOT NULL,
        "createdAt" timestamptz NOT NULL,
        "expiresAt" timestamptz NOT NULL,
        CONSTRAINT payment_code_amount CHECK (amount > 0),
        CONSTRAINT payment_code_reference CHECK (char_length(reference) BETWEEN 1 AND 25)
      );
      CREATE INDEX payment_code_of_store ON payment_code ("storeId", id);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE payment_code');
  }
}
