import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who shares a card or a bank account with whom, and which referrals that concerns. */
export class PersonLinks1795900000000 implements MigrationInterface {
  readonly name = 'PersonLinks1795900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE person_link (
         "lowId" uuid NOT NULL,
         "highId" uuid NOT NULL,
         by text NOT NULL CONSTRAINT person_link_kind CHECK (by IN ('CARD', 'BANK_ACCOUNT', 'DEVICE')),
         at timestamptz NOT NULL,
         CONSTRAINT person_link_pkey PRIMARY KEY ("lowId", "highId", by),
         CONSTRAINT person_link_order CHECK ("lowId" < "highId")
       )`,
    );
    await runner.query('CREATE INDEX person_link_high ON person_link ("highId", "lowId")');
    await runner.query('ALTER TABLE referral ADD COLUMN "linkedAt" timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE referral DROP COLUMN "linkedAt"');
    await runner.query('DROP TABLE person_link');
  }
}
